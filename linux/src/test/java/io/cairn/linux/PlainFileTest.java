package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.PlainFile.Writing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainFileTest {
    @TempDir
    Path dir;

    private static ByteBuffer direct(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Test
    void placedWritesGoWhereTheySayAndReadsStopAtTheEnd() throws Exception {
        Path path = dir.resolve("file");
        try (PlainFile file = PlainFile.openOrCreate(path, 0640, Writing.PLACED)) {
            file.write(0, direct("abcdef"));
            file.write(2, direct("XY"));
            ByteBuffer read = ByteBuffer.allocateDirect(4);
            assertThat(file.read(3, read)).isEqualTo(3);
            assertThat(StandardCharsets.US_ASCII.decode(read.flip()).toString()).isEqualTo("Yef");
            assertThat(file.read(6, read.clear())).isEqualTo(-1);
            file.truncate(1);
            assertThat(file.stat().sizeBytes()).isEqualTo(1);
        }
        assertThat(Files.readString(path)).isEqualTo("a");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rw-r-----");
    }

    @Test
    void appendedWritesGoToTheEndAndAFileKeepsItsPermissions() throws Exception {
        Path path = Files.writeString(dir.resolve("log"), "old ");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        try (PlainFile file = PlainFile.openOrCreate(path, 0640, Writing.APPENDED)) {
            Files.writeString(path, "other ", java.nio.file.StandardOpenOption.APPEND);
            file.write(0, direct("new"));
        }
        assertThat(Files.readString(path)).isEqualTo("old other new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rw-------");
    }

    @Test
    void linksAndWhatIsNoFileAreRefused() throws Exception {
        assertThat(PlainFile.open(dir.resolve("none"), Writing.PLACED)).isEmpty();
        Path target = Files.writeString(dir.resolve("target"), "x");
        Path link = Files.createSymbolicLink(dir.resolve("link"), target);
        Path dangling = Files.createSymbolicLink(dir.resolve("dangling"), dir.resolve("away"));
        for (Path refused : new Path[] {link, dangling}) {
            assertThatThrownBy(() -> PlainFile.openOrCreate(refused, 0640, Writing.APPENDED)).isInstanceOf(LinuxException.class)
                    .hasMessageContaining("ELOOP");
        }
        assertThat(dir.resolve("away")).doesNotExist();
        Path fifo = dir.resolve("fifo");
        Fifo.make(fifo, 0600);
        assertThatThrownBy(() -> PlainFile.open(fifo, Writing.PLACED)).isInstanceOf(IOException.class).hasMessageContaining("regular file");
    }
}
