package io.cairn.crash.points;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Parts of a directory as they were at one moment. Read and written in this process: thousands are, and a program for each takes longer.
 *
 * @param files by their paths in the directory; what has no content is a directory
 */
record Copy(SortedMap<Path, Entry> files) {
    record Entry(Set<PosixFilePermission> mode, Optional<byte[]> content) {
        boolean isSameAs(Entry other) {
            return mode.equals(other.mode) && content.isPresent() == other.content.isPresent()
                    && (content.isEmpty() || Arrays.equals(content.get(), other.content.get()));
        }
    }

    /** @return none when files came, went or grew meanwhile: that would be of no one moment */
    static Optional<Copy> of(Path from, List<String> parts) throws IOException {
        var files = new TreeMap<Path, Entry>();
        try {
            SortedMap<Path, Stand> before = stands(from, parts);
            for (Path path : before.keySet()) {
                files.put(from.relativize(path), new Entry(Files.getPosixFilePermissions(path),
                        Files.isDirectory(path) ? Optional.empty() : Optional.of(Files.readAllBytes(path))));
            }
            return stands(from, parts).equals(before) ? Optional.of(new Copy(files)) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** By which a file shows that it was written or replaced: what writes here without being asked only ever appends. */
    private record Stand(Object inode, long size) {
        static Stand of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new Stand(attributes.fileKey(), attributes.size());
        }
    }

    private static SortedMap<Path, Stand> stands(Path from, List<String> parts) throws IOException {
        var stands = new TreeMap<Path, Stand>();
        try (Stream<Path> all = parts.stream().map(from::resolve).filter(Files::exists).flatMap(Copy::walk)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                stands.put(path, Stand.of(path));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return stands;
    }

    private static Stream<Path> walk(Path top) {
        try {
            return Files.walk(top);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Byte for byte. */
    boolean isSameAs(Copy other) {
        return files.keySet().equals(other.files.keySet()) && files.entrySet().stream().allMatch(file -> file.getValue().isSameAs(other.files.get(file.getKey())));
    }

    /** Writes it into a directory that is not there yet. */
    Path writeTo(Path to) throws IOException {
        Files.createDirectory(to);
        for (var file : files.entrySet()) {
            Path path = to.resolve(file.getKey());
            if (file.getValue().content().isPresent()) {
                Files.write(path, file.getValue().content().get());
            } else {
                Files.createDirectory(path);
            }
            Files.setPosixFilePermissions(path, file.getValue().mode());
        }
        return to;
    }

    /** Nothing may be mounted there. */
    static void delete(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
