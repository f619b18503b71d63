package io.cairn.driver.host;

import io.cairn.oci.CdiSpecs;
import io.cairn.oci.CgroupDriver;
import io.cairn.oci.HostDevices;
import io.cairn.oci.HostFacts;
import java.io.IOException;

/** What of this node goes into every OCI spec. Immutable but for what is looked up anew: devices and CDI files. */
public record Node(HostFacts facts, HostDevices devices, CdiSpecs cdi, CgroupDriver cgroups) {
    /**
     * This node as a driver finds it at its start. The default AppArmor profile is loaded afterwards, where it can be.
     *
     * @param layout made already
     * @param systemd makes cgroups
     */
    public static Node of(Layout layout, HostSettings settings, boolean systemd) throws IOException {
        return new Node(ApparmorLoader.facts(layout), HostDevices.ofHost(), CdiSpecs.in(settings.cdiDirectories()),
                systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS);
    }
}
