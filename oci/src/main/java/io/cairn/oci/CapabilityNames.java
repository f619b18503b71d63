package io.cairn.oci;

import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;

/** The kernel's capabilities by number (capabilities(7), include/uapi/linux/capability.h). */
final class CapabilityNames {
    static final List<String> BY_NUMBER = List.of(
            "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
            "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
            "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
            "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME",
            "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
            "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
            "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE");

    /** What a container gets when nothing is asked: the set that Docker and containerd give. */
    static final List<String> DEFAULT = List.of(
            "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
            "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE");

    private CapabilityNames() {}

    /** The names in a mask as /proc/self/status shows it; bits of a kernel newer than this table are left out. */
    static Set<String> inMask(long mask) {
        Set<String> names = LinkedHashSet.empty();
        for (int bit = 0; bit < BY_NUMBER.size(); bit++) {
            names = (mask >>> bit & 1) == 1 ? names.add(BY_NUMBER.get(bit)) : names;
        }
        return names;
    }

    /** "chown", "CHOWN" and "CAP_CHOWN" are one. */
    static String normal(String name) throws Refused {
        String upper = name.toUpperCase(java.util.Locale.ROOT);
        String full = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        if (!BY_NUMBER.contains(full)) {
            throw Refused.request("Expected the name of a capability (capabilities(7)) with or without CAP_, but it is \"%.80s\"", name);
        }
        return full;
    }
}
