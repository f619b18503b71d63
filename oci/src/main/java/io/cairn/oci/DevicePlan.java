package io.cairn.oci;

import io.cairn.proto.cri.Device;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Device nodes and the rules of the devices cgroup. The six nodes every container has (config-linux.md, "Default Devices")
 * are made by the OCI runtime; the rules for them are written out here, since not every runtime adds them.
 */
final class DevicePlan {
    private static final String ALL_ACCESS = "rwm";
    private static final String FIFO = "p";
    private static final int ANYBODY = 0666;

    private final SpecRequest request;

    DevicePlan(SpecRequest request) {
        this.request = request;
    }

    record Planned(List<OciSpec.Device> devices, List<OciSpec.DeviceRule> rules) {}

    /** @param ofCdi nodes of CDI devices @param user owns those that name no owner */
    Planned plan(List<CdiEdits.Node> ofCdi, ProcessUser user) throws Refused {
        boolean privileged = request.config().getLinux().getSecurityContext().getPrivileged();
        // Keyed by the path in the container: the last one asked for wins, as the last mount would.
        Map<String, OciSpec.Device> devices = LinkedHashMap.empty();
        List<OciSpec.DeviceRule> rules = privileged ? List.of(rule(true, ALL_ACCESS)) : defaultRules();
        if (privileged) {
            for (HostDevices.Node node : found(request.hostDevices().all(), "the devices of the host")) {
                devices = devices.put(node.path().toString(), device(node, node.path().toString()));
            }
        }
        for (Device asked : request.config().getDevicesList()) {
            for (OciSpec.Device device : devices(asked)) {
                devices = devices.put(device.path(), device);
                rules = privileged ? rules : rules.append(rule(device, access(asked)));
            }
        }
        for (CdiEdits.Node node : ofCdi) {
            OciSpec.Device device = device(node, user);
            devices = devices.put(device.path(), device);
            rules = privileged || device.type().equals(FIFO) ? rules : rules.append(rule(device, node.access()));
        }
        return new Planned(devices.values().toList(), rules.distinct());
    }

    private List<OciSpec.Device> devices(Device asked) throws Refused {
        String hostPath = asked.getHostPath();
        Path top = HostPaths.path(hostPath, "host_path of a device");
        String containerPath = ContainerPaths.checked(
                asked.getContainerPath().isEmpty() ? hostPath : asked.getContainerPath(), "container_path of a device");
        List<HostDevices.Node> nodes = found(request.hostDevices().at(top), "device " + hostPath);
        return nodes.map(node -> device(node, node.path().equals(top) ? containerPath : containerPath + "/" + top.relativize(node.path())));
    }

    private OciSpec.Device device(CdiEdits.Node node, ProcessUser user) throws Refused {
        long uid = node.uid().getOrElse(user.uid());
        long gid = node.gid().getOrElse(user.gid());
        if (node.type().contains(FIFO) || node.type().isDefined() && node.major().isDefined() && node.minor().isDefined()) {
            return new OciSpec.Device(node.path(), node.type().get(), node.major().getOrElse(0L), node.minor().getOrElse(0L),
                    node.fileMode().getOrElse(ANYBODY), uid, gid);
        }
        List<HostDevices.Node> nodes =
                found(request.hostDevices().at(HostPaths.path(node.hostPath(), "hostPath of a CDI device")), "CDI device " + node.hostPath());
        HostDevices.Node ofHost = nodes.head();
        if (nodes.size() > 1) {
            throw Refused.host("Expected CDI device node %s to be one device of the host, but %s is a directory of them", node.path(),
                    node.hostPath());
        }
        return new OciSpec.Device(node.path(), node.type().getOrElse(ofHost.type()), node.major().getOrElse(ofHost.major()),
                node.minor().getOrElse(ofHost.minor()), node.fileMode().getOrElse(ofHost.fileMode()), uid, gid);
    }

    private static List<HostDevices.Node> found(Either<String, List<HostDevices.Node>> looked, String what) throws Refused {
        if (looked.isLeft()) {
            throw Refused.host("Expected %s for the container, but %s", what, looked.getLeft());
        }
        return looked.get();
    }

    private static String access(Device asked) throws Refused {
        String permissions = asked.getPermissions();
        if (permissions.isEmpty()) {
            return ALL_ACCESS;
        }
        if (!permissions.matches("[rwm]{1,3}")) {
            throw Refused.request(
                    "Expected permissions of device %s to be made of r, w and m, but they are \"%.20s\"", asked.getHostPath(), permissions);
        }
        return permissions;
    }

    private static OciSpec.Device device(HostDevices.Node node, String path) {
        return new OciSpec.Device(path, node.type(), node.major(), node.minor(), node.fileMode(), node.uid(), node.gid());
    }

    /** Deny, then: making any node, /dev/null zero full random urandom tty console ptmx, and all of /dev/pts. */
    static List<OciSpec.DeviceRule> defaultRules() {
        return List.of(
                rule(false, ALL_ACCESS),
                rule("c", Option.none(), Option.none(), "m"),
                rule("b", Option.none(), Option.none(), "m"),
                rule("c", Option.some(1L), Option.some(3L), ALL_ACCESS),
                rule("c", Option.some(1L), Option.some(5L), ALL_ACCESS),
                rule("c", Option.some(1L), Option.some(7L), ALL_ACCESS),
                rule("c", Option.some(1L), Option.some(8L), ALL_ACCESS),
                rule("c", Option.some(1L), Option.some(9L), ALL_ACCESS),
                rule("c", Option.some(5L), Option.some(0L), ALL_ACCESS),
                rule("c", Option.some(5L), Option.some(1L), ALL_ACCESS),
                rule("c", Option.some(5L), Option.some(2L), ALL_ACCESS),
                rule("c", Option.some(136L), Option.none(), ALL_ACCESS));
    }

    private static OciSpec.DeviceRule rule(boolean allow, String access) {
        return new OciSpec.DeviceRule(allow, Option.none(), Option.none(), Option.none(), access);
    }

    private static OciSpec.DeviceRule rule(String type, Option<Long> major, Option<Long> minor, String access) {
        return new OciSpec.DeviceRule(true, Option.some(type), major, minor, access);
    }

    private static OciSpec.DeviceRule rule(OciSpec.Device device, String access) {
        return rule(device.type(), Option.some(device.major()), Option.some(device.minor()), access);
    }
}
