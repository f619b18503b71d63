package io.cairn.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jnr.constants.platform.Errno;

/** mount(2) and umount2(2), and the mount table of this process. Thread-safe. */
public final class Mounts {
    public static final long MS_RDONLY = 1;
    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOEXEC = 8;
    public static final long MS_REMOUNT = 32;
    public static final long MS_BIND = 4096;
    public static final long MS_REC = 16384;
    public static final long MS_PRIVATE = 1 << 18;
    public static final long MS_SLAVE = 1 << 19;
    public static final long MS_SHARED = 1 << 20;

    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;

    private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7]{2})");

    private static final Calls CALLS = LibC.bind(Calls.class);

    private Mounts() {}

    private interface Calls {
        int mount(String source, String target, String type, long flags, byte[] data);

        int umount2(String target, int flags);
    }

    /** One row of /proc/self/mountinfo (proc(5)): where, of which type, from what. */
    public record Entry(Path target, String type, String source) {}

    public static void mount(String source, Path target, String type, long flags, String data) throws LinuxException {
        byte[] bytes = (data + "\0").getBytes(StandardCharsets.UTF_8);
        LibC.check(CALLS.mount(source, target.toString(), type, flags, bytes), "mount", source, target, type, flags, data);
    }

    public static void bind(Path source, Path target) throws LinuxException {
        mount(source.toString(), target, "none", MS_BIND, "");
    }

    public static void makePrivate(Path target) throws LinuxException {
        mount("none", target, "none", MS_PRIVATE, "");
    }

    /**
     * Detaches the topmost mount at a path; a path that is no mount point or does not exist is left as it is.
     *
     * @return whether something was unmounted
     */
    public static boolean unmount(Path target) throws LinuxException {
        if (CALLS.umount2(target.toString(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
            return true;
        }
        if (LibC.lastErrorIs(Errno.EINVAL) || LibC.lastErrorIs(Errno.ENOENT)) {
            return false;
        }
        throw LibC.failure("umount2", target, "MNT_DETACH|UMOUNT_NOFOLLOW");
    }

    /** The mount table as this process sees it now, in mount order. */
    public static List<Entry> table() throws IOException {
        var entries = new ArrayList<Entry>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            entries.add(parse(line));
        }
        return List.copyOf(entries);
    }

    /**
     * Whether something is mounted at a path; a symbolic link is not followed, and a path that does not exist has nothing mounted. Asks
     * the kernel for this one path (statx(2), STATX_ATTR_MOUNT_ROOT, Linux 5.8), and before that the table, which has rows for every container.
     */
    public static boolean isMountPoint(Path target) throws IOException {
        byte[] statx = new byte[FileStat.SIZE_OF_STATX];
        int flags = FileCalls.AT_SYMLINK_NOFOLLOW | FileCalls.AT_NO_AUTOMOUNT;
        Optional<Boolean> answer = Optional.empty();
        if (FileCalls.LIBC.statx(FileCalls.AT_FDCWD, Names.terminated(target.toString()), flags, FileCalls.STATX_BASIC_STATS, statx) == 0) {
            answer = FileStat.isMountRoot(statx);
        } else if (LibC.lastErrorIs(Errno.ENOENT) || LibC.lastErrorIs(Errno.ENOTDIR)) {
            return false;
        }
        // What does not answer, as a file system whose server is gone, may be mounted all the same.
        return answer.isPresent() ? answer.get() : table().stream().anyMatch(e -> e.target().equals(target));
    }

    /** {@code 36 35 98:0 /root /mnt rw,noatime master:1 - ext4 /dev/root rw}: the fields after the dash have no fixed index. */
    static Entry parse(String line) throws IOException {
        String[] halves = line.split(" - ", 2);
        String[] left = halves[0].split(" ");
        if (halves.length != 2 || left.length < 6) {
            throw new IOException("Expected a row of mountinfo (proc(5)), but read: " + line);
        }
        String[] right = halves[1].split(" ");
        return new Entry(Path.of(unescape(left[4])), right[0], right.length > 1 ? unescape(right[1]) : "");
    }

    /** The kernel writes space, tab, newline and backslash, in a source the number sign as well, as three octal digits. */
    private static String unescape(String field) {
        return OCTAL.matcher(field).replaceAll(
                digits -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(digits.group(1), 8))));
    }
}
