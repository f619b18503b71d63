package io.cairn.oci;

/** linux.cgroupsPath out of the pod's cgroup_parent, in the form that the driver of cgroups wants. */
final class CgroupsPath {
    private static final String DEFAULT_PARENT = "/cairn";
    private static final String DEFAULT_SLICE = "system.slice";

    private CgroupsPath() {}

    static String of(String parent, CgroupDriver driver, String containerId) throws Refused {
        String clean = parent.isEmpty() || parent.equals("/") ? "" : ContainerPaths.checked(absolute(parent), "cgroup_parent");
        return switch (driver) {
            case CGROUPFS -> (clean.isEmpty() ? DEFAULT_PARENT : clean) + "/" + containerId;
            case SYSTEMD -> "%s:cairn:%s".formatted(clean.isEmpty() ? DEFAULT_SLICE : slice(clean), containerId);
        };
    }

    /** systemd knows a slice's place by its name alone: kubepods-besteffort.slice is in kubepods.slice (systemd.slice(5)). */
    private static String slice(String parent) throws Refused {
        String last = parent.substring(parent.lastIndexOf('/') + 1);
        if (!last.endsWith(".slice") || last.contains(":")) {
            throw Refused.request(
                    "Expected cgroup_parent to end in a slice (….slice) for the systemd driver, but it is \"%s\": "
                            + "do the kubelet and this runtime use the same cgroup driver?", parent);
        }
        return last;
    }

    private static String absolute(String parent) {
        return parent.startsWith("/") ? parent : "/" + parent;
    }
}
