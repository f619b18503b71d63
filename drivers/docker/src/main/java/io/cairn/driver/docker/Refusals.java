package io.cairn.driver.docker;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.ApiVersion;
import io.cairn.driver.host.Requests;
import io.cairn.oci.OciSpec;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;

/**
 * What the engine has no word for, with its version, before anything is made. Left out is only what a kubelet sends with every container, and
 * then it is told as given otherwise than asked.
 */
record Refusals(String version, ApiVersion api) {
    /** The kubelet sets this for all, unless told not to, and the pod's own cgroup bounds what huge pages its containers take. */
    private static final Set<String> LEFT_OUT = HashSet.of("memory.oom.group");
    /** From this one on, the engine takes return codes and flags of system call filters. */
    private static final ApiVersion ERRNO_API = new ApiVersion(1, 42);

    /** What can be seen before an OCI spec is made. */
    void check(ContainerSpec asked) throws DriverException {
        if (asked.checkpoint().isDefined()) {
            throw refused(asked, "start a container from a checkpoint (%s)".formatted(asked.checkpoint().get()));
        }
        for (var mount : asked.config().getMountsList()) {
            if (Requests.isImage(mount)) {
                throw refused(asked, "mount an image as a volume (%s at %s)".formatted(mount.getImage().getImage(), mount.getContainerPath()));
            }
            if (mount.getUidMappingsCount() + mount.getGidMappingsCount() > 0) {
                throw refused(asked, "map the owners of the mount at %s".formatted(mount.getContainerPath()));
            }
        }
    }

    void check(ContainerSpec asked, OciSpec spec) throws DriverException {
        if (spec.process().get().capabilities().exists(c -> !c.ambient().isEmpty())) {
            throw refused(asked, "give ambient capabilities (%s)".formatted(spec.process().get().capabilities().get().ambient().mkString(", ")));
        }
        if (!spec.hooks().isEmpty()) {
            throw refused(asked, "run the hooks of CDI devices (%s)".formatted(spec.hooks().keySet().mkString(", ")));
        }
        check(tried(asked), spec.linux().resources());
        boolean ofSpec = Confinement.seccomp(asked.config().getLinux().getSecurityContext()) == Confinement.Seccomp.OF_SPEC;
        for (OciSpec.Seccomp seccomp : spec.linux().seccomp().filter(profile -> ofSpec)) {
            boolean newer = !seccomp.flags().isEmpty() || seccomp.defaultErrnoRet().isDefined()
                    || seccomp.syscalls().exists(syscall -> syscall.errnoRet().isDefined());
            if (newer && api.compareTo(ERRNO_API) < 0) {
                throw refused(asked, "filter system calls with flags or return codes of a profile's own");
            }
        }
    }

    private void check(String tried, OciSpec.Resources limits) throws DriverException {
        for (OciSpec.HugepageLimit limit : limits.hugepageLimits()) {
            if (limit.limit() != 0) {
                throw Unsupported.by(version, tried, "limit the huge pages of a single container (%s)".formatted(limit.pageSize()));
            }
        }
        for (String key : limits.unified().keySet()) {
            if (!LEFT_OUT.contains(key)) {
                throw Unsupported.by(version, tried, "set the cgroup file %s".formatted(key));
            }
        }
    }

    /** New limits of a container that is there. */
    void checkUpdate(String tried, OciSpec.Resources limits) throws DriverException {
        check(tried, limits);
        if (limits.memory().limit().contains(-1L)) {
            throw Unsupported.by(version, tried, "lift a limit of memory");
        }
    }

    /** In words, as {@link io.cairn.core.driver.CreatedContainer} has them. */
    Vector<String> leftOut(OciSpec spec) {
        Vector<String> words = spec.linux().resources().unified().keySet().filter(LEFT_OUT::contains).toVector()
                .map(key -> "unified: nothing instead of %s, since docker %s cannot set it".formatted(key, version));
        return spec.linux().resources().hugepageLimits().isEmpty() ? words
                : words.append("hugepageLimits: those of the pod instead of none, since docker %s cannot limit them".formatted(version));
    }

    DriverException refused(ContainerSpec asked, String what) {
        return Unsupported.by(version, tried(asked), what);
    }

    private static String tried(ContainerSpec asked) {
        return "Cannot create container " + asked.id();
    }
}
