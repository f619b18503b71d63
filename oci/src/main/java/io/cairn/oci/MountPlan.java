package io.cairn.oci;

import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.MountPropagation;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * What is mounted in the container. First the kernel's file systems, then the kubelet's mounts together with the pod's files,
 * the shallow before the deep so that none hides another. A default gives way to a mount of the kubelet at its place or above
 * it: who mounts the node's /sys wants the node's /sys/fs/cgroup too.
 */
final class MountPlan {
    static final OciSpec.Mount PROC = OciSpec.Mount.of("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
    static final OciSpec.Mount DEV = OciSpec.Mount.of("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");

    private final SpecRequest request;
    private final NamespacePlan namespaces;
    private final boolean privileged;

    MountPlan(SpecRequest request, NamespacePlan namespaces) {
        this.request = request;
        this.namespaces = namespaces;
        this.privileged = request.config().getLinux().getSecurityContext().getPrivileged();
    }

    /** @param rootfsPropagation what the root must be for its mounts to propagate; absent leaves the runtime's private */
    record Planned(List<OciSpec.Mount> mounts, Option<String> rootfsPropagation) {}

    /** @param ofDevices what CDI devices mount: each in the place of what is asked for there */
    Planned plan(boolean rootfsReadonly, List<OciSpec.Mount> ofDevices) throws Refused {
        List<OciSpec.Mount> asked = List.empty();
        Option<String> root = Option.none();
        for (Mount mount : request.config().getMountsList()) {
            asked = asked.append(bind(mount));
            root = stronger(root, mount.getPropagation());
        }
        asked = asked.filter(m -> !ofDevices.exists(d -> d.destination().equals(m.destination()))).appendAll(ofDevices);
        List<String> taken = asked.map(OciSpec.Mount::destination);
        List<OciSpec.Mount> ours = podFiles(rootfsReadonly).filter(m -> !taken.contains(m.destination()));
        List<OciSpec.Mount> defaults = defaults().filter(m -> !hidden(m.destination(), taken));
        return new Planned(defaults.appendAll(asked.appendAll(ours).sortBy(m -> ContainerPaths.depth(m.destination()))), root);
    }

    private static boolean hidden(String destination, List<String> taken) {
        return taken.exists(t -> t.equals(destination) || ContainerPaths.isBelow(destination, t));
    }

    private List<OciSpec.Mount> defaults() {
        String access = privileged ? "rw" : "ro";
        // A user namespace that does not own the network namespace may not mount a new sysfs.
        OciSpec.Mount sys = namespaces.userMappings().isDefined() && namespaces.hostNetwork()
                ? OciSpec.Mount.of("/sys", "bind", "/sys", "rbind", "nosuid", "noexec", "nodev", recursiveReadOnly())
                : OciSpec.Mount.of("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", access);
        return List.of(
                PROC,
                DEV,
                OciSpec.Mount.of(
                        "/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
                OciSpec.Mount.of("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                sys,
                OciSpec.Mount.of("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", access));
    }

    private String recursiveReadOnly() {
        return request.host().recursiveReadOnly() ? "rro" : "ro";
    }

    /** Without a file of the pod, /dev/shm is the node's where IPC is, else a fresh one. */
    private List<OciSpec.Mount> podFiles(boolean rootfsReadonly) {
        PodFiles files = request.podFiles();
        String access = rootfsReadonly ? "ro" : "rw";
        OciSpec.Mount shm = files.devShm()
                .orElse(Option.when(namespaces.hostIpc(), Path.of("/dev/shm")))
                .map(path -> bind("/dev/shm", path, "rw"))
                .getOrElse(OciSpec.Mount.of("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
        return List.of(shm)
                .appendAll(files.resolvConf().map(path -> bind("/etc/resolv.conf", path, access)))
                .appendAll(files.hostname().map(path -> bind("/etc/hostname", path, access)))
                .appendAll(files.hosts().map(path -> bind("/etc/hosts", path, access)));
    }

    private static OciSpec.Mount bind(String destination, Path source, String access) {
        return OciSpec.Mount.of(destination, "bind", source.toString(), "rbind", "rprivate", access);
    }

    private OciSpec.Mount bind(Mount mount) throws Refused {
        String destination = ContainerPaths.checked(mount.getContainerPath(), "container_path of a mount");
        String source = HostPaths.checked(mount.getHostPath(), "host_path of the mount at " + destination);
        return new OciSpec.Mount(
                destination,
                "bind",
                source,
                List.of("rbind", propagation(mount, destination), access(mount, destination)),
                UserMappings.list(mount.getUidMappingsList(), "uidMappings of the mount at " + destination),
                UserMappings.list(mount.getGidMappingsList(), "gidMappings of the mount at " + destination));
    }

    private String propagation(Mount mount, String destination) throws Refused {
        return switch (mount.getPropagation()) {
            case PROPAGATION_PRIVATE -> "rprivate";
            case PROPAGATION_HOST_TO_CONTAINER -> {
                if (!hostMount(mount).exists(row -> row.shared() || row.slave())) {
                    throw notPropagating(mount, destination, "shared or slave", "HOST_TO_CONTAINER");
                }
                yield "rslave";
            }
            case PROPAGATION_BIDIRECTIONAL -> {
                if (!hostMount(mount).exists(MountTable.Row::shared)) {
                    throw notPropagating(mount, destination, "shared", "BIDIRECTIONAL");
                }
                yield "rshared";
            }
            case UNRECOGNIZED -> throw Refused.request(
                    "Expected the propagation of the mount at %s to be 0, 1 or 2, but it is %d", destination, mount.getPropagationValue());
        };
    }

    private Option<MountTable.Row> hostMount(Mount mount) throws Refused {
        return request.hostMounts().holding(HostPaths.path(mount.getHostPath(), "host_path of a mount"));
    }

    private Refused notPropagating(Mount mount, String destination, String wanted, String mode) throws Refused {
        String found = hostMount(mount)
                .map(row -> "it lies on the mount %s, which is not: mount --make-rshared %s".formatted(row.mountPoint(), row.mountPoint()))
                .getOrElse("it does not exist there");
        return Refused.request(
                "Expected %s on the host to lie on a %s mount, since the mount at %s asks for propagation %s, but %s",
                mount.getHostPath(), wanted, destination, mode, found);
    }

    private String access(Mount mount, String destination) throws Refused {
        if (!mount.getRecursiveReadOnly()) {
            return mount.getReadonly() ? "ro" : "rw";
        }
        if (!mount.getReadonly() || mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
            throw Refused.request(
                    "Expected the recursively read-only mount at %s to be readonly and private, but readonly is %s and propagation %s",
                    destination, mount.getReadonly(), mount.getPropagation());
        }
        if (!request.host().recursiveReadOnly()) {
            throw Refused.host(
                    "Expected recursively read-only mounts for %s, but this node has none: they take Linux 5.12 and runc 1.1", destination);
        }
        return "rro";
    }

    private static Option<String> stronger(Option<String> root, MountPropagation asked) {
        return switch (asked) {
            case PROPAGATION_BIDIRECTIONAL -> Option.some("rshared");
            case PROPAGATION_HOST_TO_CONTAINER -> root.orElse(Option.some("rslave"));
            case PROPAGATION_PRIVATE, UNRECOGNIZED -> root;
        };
    }
}
