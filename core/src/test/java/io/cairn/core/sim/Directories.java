package io.cairn.core.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/** Copies and deletes trees. */
public final class Directories {
    private static final int CHUNK_BYTES = 64 << 10;

    private Directories() {}

    /**
     * What a process that is killed now leaves on the disk, where only Cairn's threads are dead: the projection's own write and merge on for a
     * while. A copy counts when no file came, went or grew while it was made.
     *
     * @param to is not there yet
     */
    public static void copyOfOneMoment(Path from, Path to) {
        Eventually.holds("the files of " + from + " stand still", () -> {
            try {
                Map<Path, Long> before = sizes(from);
                copy(from, to);
                if (sizes(from).equals(before)) {
                    return true;
                }
            } catch (NoSuchFileException e) {
                // It went meanwhile.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (Files.exists(to)) {
                delete(to);
            }
            return false;
        });
    }

    private static Map<Path, Long> sizes(Path top) throws IOException {
        var sizes = new HashMap<Path, Long>();
        try (var walk = Files.walk(top)) {
            for (Path path : walk.toList()) {
                sizes.put(path, Files.isDirectory(path) ? 0 : Files.size(path));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return sizes;
    }

    /** Holes stay holes. */
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
        } catch (UncheckedIOException e) {
            throw e.getCause();
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

    public static void delete(Path directory) {
        try (var walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
