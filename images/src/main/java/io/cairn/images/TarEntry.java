package io.cairn.images;

import io.cairn.linux.FileStat;
import java.util.Map;

/**
 * One entry of a layer, as the archive tells it; nothing of it has been judged yet.
 *
 * @param name raw, see {@link RawPath}
 * @param sizeBytes of the content that follows; 0 for everything but a regular file
 * @param linkName raw target of a symbolic or hard link, else empty
 * @param xattrs by name
 */
record TarEntry(String name, Type type, int permissions, int uid, int gid, long sizeBytes, long modifiedSeconds, int modifiedNanos,
        String linkName, int major, int minor, Map<String, byte[]> xattrs) {
    enum Type {
        REGULAR(FileStat.REGULAR),
        HARD_LINK(0),
        SYMLINK(FileStat.SYMLINK),
        CHARACTER_DEVICE(FileStat.CHARACTER_DEVICE),
        BLOCK_DEVICE(FileStat.BLOCK_DEVICE),
        DIRECTORY(FileStat.DIRECTORY),
        FIFO(FileStat.FIFO);

        /** The type bits of inode(7); 0 where the entry makes no inode. */
        final int modeBits;

        Type(int modeBits) {
            this.modeBits = modeBits;
        }
    }
}
