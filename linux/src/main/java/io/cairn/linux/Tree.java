package io.cairn.linux;

import static io.cairn.linux.FileCalls.LIBC;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * An open directory, and what can be done to the entries in it without ever following a link.
 *
 * <p>Two rules make it safe in a tree that others filled: {@link #enter} is the only call that walks more than one
 * component, and the kernel refuses to leave the directory or to follow any symbolic link on the way
 * (openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, Linux 5.6); all other calls take one component and act on the
 * entry itself. Names are bytes, since that is what the kernel has. Owner and mode are those given: the caller sets them
 * explicitly, as the umask bites on creation.
 */
public final class Tree extends FileHandle {
    private static final int DIRECTORY_FLAGS =
            FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC;
    private static final long NO_WAY_OUT = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS
            | FileCalls.RESOLVE_NO_MAGICLINKS | FileCalls.RESOLVE_NO_XDEV;
    private static final int LIST_BYTES = 32 * 1024;
    private static final int MAX_LINK_BYTES = 4096;

    /** An entry's name, and whether it is a directory where the file system tells (else {@link #stat} does). */
    public record Entry(byte[] name, Kind kind) {}

    public enum Kind { DIRECTORY, OTHER, UNKNOWN }

    Tree(int fd, String shown) {
        super(fd, shown);
    }

    /** Opens a directory of our own by its path; only the last component may not be a link. */
    public static Tree open(Path directory) throws LinuxException {
        String path = directory.toAbsolutePath().toString();
        return new Tree(LibC.check(LIBC.open(Names.terminated(path), DIRECTORY_FLAGS), "open", path), path);
    }

    /**
     * Opens a directory below this one.
     *
     * @param path relative, components divided by slashes; a link anywhere in it fails with ELOOP, a way out with EXDEV
     */
    public Tree enter(byte[] path) throws LinuxException {
        int fd = FileCalls.openat2(fd(), Names.terminated(path), DIRECTORY_FLAGS, NO_WAY_OUT);
        return new Tree(LibC.check(fd, "openat2", below(path), "beneath, no symlinks"), below(path).toString());
    }

    /** Opens the directory that holds this one. */
    Tree parent() throws LinuxException {
        byte[] up = {'.', '.'};
        int fd = LIBC.openat(fd(), Names.terminated(up), DIRECTORY_FLAGS, 0);
        return new Tree(LibC.check(fd, "openat", below(up)), below(up).toString());
    }

    /** Creates a file that must not exist yet, for writing. */
    public OpenFile create(byte[] name, int permissions) throws LinuxException {
        int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC;
        int fd = LIBC.openat(fd(), Names.component(name), flags, permissions);
        return new OpenFile(LibC.check(fd, "openat", below(name), "create"), below(name).toString());
    }

    /** Opens an entry for reading. The caller has seen by {@link #stat} that it is a regular file. */
    public OpenFile read(byte[] name) throws LinuxException {
        int flags = FileCalls.O_RDONLY | FileCalls.O_NOFOLLOW | FileCalls.O_NONBLOCK | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC;
        return new OpenFile(LibC.check(LIBC.openat(fd(), Names.component(name), flags, 0), "openat", below(name)), below(name).toString());
    }

    public void mkdir(byte[] name, int permissions) throws LinuxException {
        LibC.check(LIBC.mkdirat(fd(), Names.component(name), permissions), "mkdirat", below(name));
    }

    /** @param mode type ({@link FileStat#FIFO}, {@link FileStat#CHARACTER_DEVICE}, {@link FileStat#BLOCK_DEVICE}) and bits */
    public void mknod(byte[] name, int mode, int major, int minor) throws LinuxException {
        long device = ((major & 0xfffff000L) << 32) | ((major & 0xfffL) << 8) | ((minor & 0xffffff00L) << 12) | (minor & 0xffL);
        LibC.check(LIBC.mknodat(fd(), Names.component(name), mode, device), "mknodat", below(name),
                Integer.toOctalString(mode), major + ":" + minor);
    }

    public void symlink(byte[] target, byte[] name) throws LinuxException {
        LibC.check(LIBC.symlinkat(Names.terminated(target), fd(), Names.component(name)), "symlinkat", Names.shown(target), below(name));
    }

    /** Makes {@code name} here another name of {@code existing} there; a symbolic link is linked itself. */
    public void link(Tree directory, byte[] existing, byte[] name) throws LinuxException {
        LibC.check(LIBC.linkat(directory.fd(), Names.component(existing), fd(), Names.component(name), 0), "linkat",
                directory.below(existing), below(name));
    }

    /** rename(2): replaces a file, or an empty directory, of that name. */
    public void rename(byte[] name, Tree to, byte[] newName) throws LinuxException {
        LibC.check(LIBC.renameat(fd(), Names.component(name), to.fd(), Names.component(newName)), "renameat",
                below(name), to.below(newName));
    }

    public void unlink(byte[] name) throws LinuxException {
        LibC.check(LIBC.unlinkat(fd(), Names.component(name), 0), "unlinkat", below(name));
    }

    /** @return false when it is not empty */
    public boolean rmdir(byte[] name) throws LinuxException {
        if (LIBC.unlinkat(fd(), Names.component(name), FileCalls.AT_REMOVEDIR) == 0) {
            return true;
        }
        if (LibC.lastErrorIs(Errno.ENOTEMPTY) || LibC.lastErrorIs(Errno.EEXIST)) {
            return false;
        }
        throw LibC.failure("unlinkat", below(name), "directory");
    }

    public Optional<FileStat> stat(byte[] name) throws LinuxException {
        byte[] result = new byte[FileStat.SIZE_OF_STATX];
        int answer = LIBC.statx(fd(), Names.component(name), FileCalls.AT_SYMLINK_NOFOLLOW, FileCalls.STATX_BASIC_STATS, result);
        if (answer == 0) {
            return Optional.of(FileStat.parse(result));
        }
        if (LibC.lastErrorIs(Errno.ENOENT)) {
            return Optional.empty();
        }
        throw LibC.failure("statx", below(name));
    }

    public byte[] readLink(byte[] name) throws LinuxException {
        byte[] target = new byte[MAX_LINK_BYTES];
        long length = LIBC.readlinkat(fd(), Names.component(name), target, target.length);
        if (length < 0) {
            throw LibC.failure("readlinkat", below(name));
        }
        return Arrays.copyOf(target, (int) length);
    }

    public void chown(byte[] name, int uid, int gid) throws LinuxException {
        LibC.check(LIBC.fchownat(fd(), Names.component(name), uid, gid, FileCalls.AT_SYMLINK_NOFOLLOW), "fchownat", below(name));
    }

    /** For an entry that was just created here and is no symbolic link: chmod would follow one. */
    public void chmodCreated(byte[] name, int permissions) throws LinuxException {
        LibC.check(LIBC.fchmodat(fd(), Names.component(name), permissions, 0), "fchmodat", below(name));
    }

    /** Sets an extended attribute of the entry itself, whatever it is. */
    public void setXattr(byte[] name, String attribute, byte[] value) throws LinuxException {
        byte[] prefix = (procPath() + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] entry = Names.component(name);
        byte[] path = Arrays.copyOf(prefix, prefix.length + entry.length);
        System.arraycopy(entry, 0, path, prefix.length, entry.length);
        LibC.check(LIBC.lsetxattr(path, Names.terminated(attribute), value, value.length, 0), "lsetxattr", below(name), attribute);
    }

    /** Sets access and modification time of the entry itself. */
    public void setTime(byte[] name, long seconds, int nanos) throws LinuxException {
        long[] times = {seconds, nanos, seconds, nanos};
        LibC.check(LIBC.utimensat(fd(), Names.component(name), times, FileCalls.AT_SYMLINK_NOFOLLOW), "utimensat", below(name));
    }

    /** The entries from where the last call ended (from the start on a fresh handle); empty at the end. */
    public List<Entry> nextEntries() throws LinuxException {
        byte[] bytes = new byte[LIST_BYTES];
        long length = LIBC.getdents64(fd(), bytes, bytes.length);
        if (length < 0) {
            throw LibC.failure("getdents64", this);
        }
        var entries = new ArrayList<Entry>();
        ByteBuffer row = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        for (int at = 0; at < length; at += Short.toUnsignedInt(row.getShort(at + 16))) {
            int end = at + 19;
            while (bytes[end] != 0) {
                end++;
            }
            byte[] name = Arrays.copyOfRange(bytes, at + 19, end);
            if (!isDots(name)) {
                entries.add(new Entry(name, kind(bytes[at + 18])));
            }
        }
        return entries.isEmpty() && length > 0 ? nextEntries() : entries;
    }

    private static Kind kind(byte type) {
        return switch (type) {
            case 0 -> Kind.UNKNOWN;
            case 4 -> Kind.DIRECTORY;
            default -> Kind.OTHER;
        };
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }

    /** Put into words only when something fails. */
    private Below below(byte[] name) {
        return new Below(this, name);
    }

    /** An entry, for messages. Its length is bounded, since a tree may be deeper than any path is long. */
    private record Below(Tree tree, byte[] name) {
        private static final int MAX_SHOWN_CHARS = 600;

        @Override
        public String toString() {
            String outer = tree.toString();
            return outer.length() > MAX_SHOWN_CHARS ? outer : outer + "/" + Names.shown(name);
        }
    }
}
