package io.cairn.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What statx(2) tells of one file.
 *
 * @param mode the type and the permission bits, as in inode(7)
 * @param sizeBytes apparent size
 * @param allocatedBytes what it takes on disk
 * @param modifiedSeconds seconds of the modification time since 1970, may be negative
 * @param modifiedNanos 0..999999999
 * @param device major number in the high, minor number in the low half, of the file system it lies on
 */
public record FileStat(int mode, int uid, int gid, long links, long inode, long sizeBytes, long allocatedBytes,
        long modifiedSeconds, int modifiedNanos, int specialMajor, int specialMinor, long device) {
    public static final int TYPE_MASK = 0170000;
    public static final int FIFO = 0010000;
    public static final int CHARACTER_DEVICE = 0020000;
    public static final int DIRECTORY = 0040000;
    public static final int BLOCK_DEVICE = 0060000;
    public static final int REGULAR = 0100000;
    public static final int SYMLINK = 0120000;

    static final int SIZE_OF_STATX = 256;
    private static final int BLOCK_BYTES = 512;
    /** linux/stat.h. */
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int ATTRIBUTES = 8;
    private static final int ATTRIBUTES_MASK = 56;

    public boolean isDirectory() {
        return (mode & TYPE_MASK) == DIRECTORY;
    }

    public boolean isRegular() {
        return (mode & TYPE_MASK) == REGULAR;
    }

    public boolean isSymlink() {
        return (mode & TYPE_MASK) == SYMLINK;
    }

    /** The character device 0/0 with which overlayfs says "nothing here, and do not look below". */
    public boolean isWhiteout() {
        return (mode & TYPE_MASK) == CHARACTER_DEVICE && specialMajor == 0 && specialMinor == 0;
    }

    /** Permission, setuid, setgid and sticky bits. */
    public int permissions() {
        return mode & 07777;
    }

    /** Whether a mount begins there; empty where the kernel does not say (before Linux 5.8). */
    static Optional<Boolean> isMountRoot(byte[] statx) {
        ByteBuffer b = ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder());
        boolean said = (b.getLong(ATTRIBUTES_MASK) & STATX_ATTR_MOUNT_ROOT) != 0;
        return said ? Optional.of((b.getLong(ATTRIBUTES) & STATX_ATTR_MOUNT_ROOT) != 0) : Optional.empty();
    }

    /** The offsets are those of struct statx (linux/stat.h), the same on every architecture. */
    static FileStat parse(byte[] statx) {
        ByteBuffer b = ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder());
        return new FileStat(Short.toUnsignedInt(b.getShort(28)), b.getInt(20), b.getInt(24), Integer.toUnsignedLong(b.getInt(16)),
                b.getLong(32), b.getLong(40), b.getLong(48) * BLOCK_BYTES, b.getLong(112), b.getInt(120),
                b.getInt(128), b.getInt(132), ((long) b.getInt(136) << 32) | Integer.toUnsignedLong(b.getInt(140)));
    }
}
