package io.cairn.driver.docker;

import com.github.dockerjava.api.model.Device;
import io.cairn.core.driver.DriverException;
import io.cairn.oci.OciSpec;
import io.cairn.proto.cri.ContainerConfig;
import io.vavr.collection.List;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** A device node, or a directory of them, that the engine copies from the node's. @param access made of r, w and m */
record EngineDevice(String onNode, String inContainer, String access) {
    private static final String ALL_ACCESS = "rwm";

    /**
     * Those that were asked for by path, those of CDI devices, and all of the node where that is asked for and the engine does not do it.
     *
     * @param refuse makes the refusal of what the engine cannot do, which is copy a node to another place than where CDI has found it
     */
    static List<EngineDevice> of(ContainerConfig config, OciSpec spec, Privileges privileges, Function<String, DriverException> refuse)
            throws DriverException {
        List<EngineDevice> asked = List.ofAll(config.getDevicesList()).map(d -> new EngineDevice(d.getHostPath(),
                d.getContainerPath().isEmpty() ? d.getHostPath() : d.getContainerPath(), d.getPermissions().isEmpty() ? ALL_ACCESS : d.getPermissions()));
        boolean allOfNode = config.getLinux().getSecurityContext().getPrivileged() && !privileges.all();
        if (config.getCDIDevicesCount() == 0 && !allOfNode) {
            return asked;
        }
        List<EngineDevice> all = asked;
        for (OciSpec.Device device : spec.linux().devices()) {
            if (!asked.exists(a -> device.path().equals(a.inContainer()) || device.path().startsWith(a.inContainer() + "/"))) {
                if (Files.notExists(Path.of(device.path()))) {
                    throw refuse.apply("make the device node %s of a CDI device, which is not at this place on the node".formatted(device.path()));
                }
                all = all.append(new EngineDevice(device.path(), device.path(), access(spec, device)));
            }
        }
        return all;
    }

    private static String access(OciSpec spec, OciSpec.Device device) {
        return spec.linux().resources().devices().findLast(rule -> rule.allow() && rule.type().contains(device.type())
                && rule.major().contains(device.major()) && rule.minor().contains(device.minor())).map(OciSpec.DeviceRule::access).getOrElse(ALL_ACCESS);
    }

    Device toModel() {
        return new Device(access, inContainer, onNode);
    }
}
