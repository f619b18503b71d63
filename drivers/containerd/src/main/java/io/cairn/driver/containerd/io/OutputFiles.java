package io.cairn.driver.containerd.io;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What is in the directory of an output. */
record OutputFiles(Path directory) {
    static final int OWNER_ONLY = 0600;

    Path fifo(Stream stream) {
        return directory.resolve(stream.label());
    }

    Path stdin() {
        return directory.resolve("stdin");
    }

    Path spool(Stream stream) {
        return directory.resolve(stream.label() + ".spool");
    }

    /** Written last when an output is made: what has none was not finished. */
    Path cursor() {
        return directory.resolve("cursor");
    }

    /** A FIFO in whose open(2) the holder waits; gone when the output is finished. */
    Path leash() {
        return directory.resolve("leash");
    }

    /** A FIFO that only the holder reads. */
    Path held() {
        return directory.resolve("held");
    }

    /** The first client of an input that is to end with him has come. */
    Path stdinTaken() {
        return directory.resolve("stdin-taken");
    }

    void make() throws IOException {
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Takes all of it away; the leash first, so that the holder ends, which has ended when this returns. */
    void remove() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Holder.release(this);
        Holder.awaitEnd(this);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            return;
        }
        Files.deleteIfExists(directory);
    }
}
