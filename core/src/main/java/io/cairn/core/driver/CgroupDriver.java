package io.cairn.core.driver;

/** Who manages the cgroup tree: systemd slices, or plain directories. */
public enum CgroupDriver {
    CGROUPFS,
    SYSTEMD
}
