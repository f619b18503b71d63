package io.cairn.core.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;

/** Copies and deletes trees. */
public final class Directories {
    private static final int CHUNK_BYTES = 64 << 10;

    private Directories() {}

    /** What a process that is killed now leaves on the disk; holes stay holes. */
    public static void copy(Path from, Path to) throws IOException {
        try (var walk = Files.walk(from)) {
            for (Path path : walk.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    copyFile(path, target);
                }
            }
        }
    }

    private static void copyFile(Path from, Path to) throws IOException {
        try (var in = FileChannel.open(from); var out = FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            var chunk = ByteBuffer.allocate(CHUNK_BYTES);
            long length = in.size();
            for (long at = 0; at < length; at += CHUNK_BYTES) {
                chunk.clear();
                int read = in.read(chunk, at);
                chunk.flip();
                if (read > 0 && chunk.mismatch(ByteBuffer.allocate(read)) >= 0) {
                    out.write(chunk, at);
                }
            }
            if (out.size() < length) {
                out.write(ByteBuffer.wrap(new byte[1]), length - 1);
            }
        }
    }

    public static void delete(Path directory) throws IOException {
        try (var walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
