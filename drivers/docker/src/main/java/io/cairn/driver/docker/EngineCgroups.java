package io.cairn.driver.docker;

import io.cairn.driver.host.Cgroups;
import io.cairn.oci.CgroupDriver;
import java.io.IOException;

/** Where the engine puts a container's cgroup: below the parent it is given, named after the engine's own id. */
final class EngineCgroups {
    private static final String SCOPE = "docker";

    private EngineCgroups() {}

    /** @param ours cgroupsPath of the OCI spec. @return what the engine is told to put the container below */
    static String parent(String ours) {
        int colon = ours.indexOf(':');
        return colon >= 0 ? ours.substring(0, colon) : ours.substring(0, ours.lastIndexOf('/'));
    }

    /** The engine's cgroupsPath. */
    static String path(String parent, String engineId, CgroupDriver driver) {
        return switch (driver) {
            case CGROUPFS -> parent + "/" + engineId;
            case SYSTEMD -> "%s:%s:%s".formatted(parent, SCOPE, engineId);
        };
    }

    static Cgroups of(String cgroupsPath) throws IOException {
        return Cgroups.at(cgroupsPath, engineId(cgroupsPath));
    }

    static String engineId(String cgroupsPath) {
        return cgroupsPath.substring(Math.max(cgroupsPath.lastIndexOf('/'), cgroupsPath.lastIndexOf(':')) + 1);
    }
}
