package io.cairn.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
        // struct statfs of 64-bit platforms: type, block size, blocks, free, available, files, free files; a long each.
        var fields = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asLongBuffer();
        long blockBytes = fields.get(1);
        return new Capacity(fields.get(2) * blockBytes, fields.get(3) * blockBytes, fields.get(4) * blockBytes, fields.get(5), fields.get(6));
    }
}
