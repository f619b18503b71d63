package io.cairn.oci;

/**
 * The AppArmor profile of containers that name none, in the language of apparmor.d(5): everything that a container's other walls leave, but
 * what would reach through them to the host (writing to the kernel's own settings, mounts, devices' memory) or to other containers.
 */
public final class ApparmorDefault {
    /** By which it is loaded into the kernel. */
    public static final String NAME = "cairn-default";

    private static final String RULES = """
            profile %1$s flags=(attach_disconnected,mediate_deleted) {
            %2$s
              capability,
              file,
              network,
              umount,

              # Among themselves, and from whoever stops them.
              ptrace (read, readby, trace, tracedby) peer=%1$s,
              signal (send, receive) peer=%1$s,
              signal (receive) peer=unconfined,
              signal (receive) peer=runc,
              signal (receive) peer=crun,

              deny mount,

              # The kernel's settings: all of /proc but processes, and of /proc/sys but what a namespace of IPC has.
              deny @{PROC}/* w,
              deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/** w,
              deny @{PROC}/sys/[^k]** w,
              deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
              deny @{PROC}/{kcore,kmem,mem,sysrq-trigger} rwklx,

              # Of /sys, cgroups alone may be written, where they are.
              deny /sys/[^f]*/** wklx,
              deny /sys/f[^s]*/** wklx,
              deny /sys/fs/[^c]*/** wklx,
              deny /sys/fs/c[^g]*/** wklx,
              deny /sys/fs/cg[^r]*/** wklx,
              deny /sys/{devices/virtual/powercap,firmware,kernel/security}/** rwklx,
            }
            """;

    private ApparmorDefault() {}

    /**
     * @param tunables the node has the file tunables/global, which says where proc is mounted
     * @param base the node has the file abstractions/base, with what every program may read
     */
    public static String text(boolean tunables, boolean base) {
        return (tunables ? "#include <tunables/global>\n\n" : "@{PROC}=/proc/\n\n")
                + RULES.formatted(NAME, base ? "  #include <abstractions/base>\n" : "");
    }
}
