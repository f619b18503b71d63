package io.cairn.testkit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Takes away directories that daemons have made, and what is mounted in them. */
final class Trees {
    private Trees() {}

    /** The newest mount first; what is in use goes when nobody uses it any more. */
    static void unmountBelow(Path root) throws IOException, InterruptedException {
        for (List<Path> mounts = mounts(root); !mounts.isEmpty(); mounts = mounts(root)) {
            Tool.run("umount", "-l", mounts.getLast().toString()).orThrow();
        }
    }

    private static List<Path> mounts(Path root) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream().map(line -> Path.of(line.split(" ")[4].replace("\\040", " ")))
                .filter(point -> point.startsWith(root)).toList();
    }

    /** What vanishes meanwhile is fine. */
    static void delete(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) throws IOException {
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
