package io.cairn.crash.points;

import io.cairn.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where nodes are made: in memory, since what a process leaves when it dies is the same there, and nothing here loses its power. */
record Ground(Path directory) implements AutoCloseable {
    static Ground lay() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("cairn-points-");
        // Pods with users of their own must pass it.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        Tool.run("mount", "-t", "tmpfs", "-o", "mode=0711", "cairn-points", directory.toString()).orThrow();
        return new Ground(directory);
    }

    /** What the dead in this process still have open there goes when they do. */
    @Override
    public void close() throws IOException, InterruptedException {
        Tool.run("umount", "--lazy", directory.toString()).orThrow();
        Tool.run("rm", "-rf", directory.toString()).orThrow();
    }
}
