package io.cairn.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Path;

/** What a file system can hold, statfs(2). Thread-safe. */
public final class FileSystems {
    private static final int STATFS_BYTES_MAX = 256;
    private static final Calls CALLS = LibC.bind(Calls.class);

    private FileSystems() {}

    private interface Calls {
        int statfs(String path, byte[] result);
    }

    /**
     * @param availableBytes the free ones that are not kept for root
     * @param freeInodes both counts are 0 on file systems that make inodes as they need them
     */
    public record Capacity(long bytes, long freeBytes, long availableBytes, long inodes, long freeInodes) {}

    /**
     * Other than the JDK's file store, it does not go through the host's mounts, of which a full node has a thousand.
     *
     * @throws LinuxException where statfs(2) fails
     */
    public static Capacity capacity(Path anyFile) throws LinuxException {
        byte[] bytes = new byte[STATFS_BYTES_MAX];
        LibC.check(CALLS.statfs(anyFile.toString(), bytes), "statfs", anyFile);
        return capacity(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asLongBuffer());
    }

    /**
     * @param fields of struct statfs on 64-bit platforms: type, size of a transfer, blocks, free ones, available ones, files, free files, id,
     *     length of names, size of a block; a long each
     */
    static Capacity capacity(LongBuffer fields) {
        long blockBytes = fields.get(9);
        return new Capacity(bytes(fields.get(2), blockBytes), bytes(fields.get(3), blockBytes), bytes(fields.get(4), blockBytes), fields.get(5),
                fields.get(6));
    }

    /** A file system without bounds may say so by a number that has no name in bytes. */
    private static long bytes(long blocks, long blockBytes) {
        return Long.compareUnsigned(blocks, Long.MAX_VALUE / Math.max(1, blockBytes)) > 0 ? Long.MAX_VALUE : blocks * blockBytes;
    }
}
