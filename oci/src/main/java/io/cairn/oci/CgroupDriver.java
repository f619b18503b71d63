package io.cairn.oci;

/** Who makes cgroups: the OCI runtime through the file system, or systemd. Must be the kubelet's choice too. */
public enum CgroupDriver {
    CGROUPFS,
    SYSTEMD
}
