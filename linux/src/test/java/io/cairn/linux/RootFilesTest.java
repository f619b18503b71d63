package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootFilesTest {
    @TempDir
    Path dir;

    private Path root;

    @BeforeEach
    void fill() throws IOException {
        root = Files.createDirectories(dir.resolve("root"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), "inside");
        Files.writeString(dir.resolve("passwd"), "outside");
    }

    @Test
    void linksEndAtTheRoot() throws IOException {
        Files.createSymbolicLink(root.resolve("absolute"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(root.resolve("climbing"), Path.of("../../../../etc/passwd"));
        Files.createSymbolicLink(root.resolve("etcdir"), Path.of("/etc"));
        for (String path : new String[] {"/etc/passwd", "etc/passwd", "/absolute", "/climbing", "/etcdir/passwd", "/../etc/passwd"}) {
            assertThat(text(path)).as(path).isEqualTo("inside");
        }
        assertThat(RootFiles.read(root, "/../passwd", 100)).isEmpty();
    }

    @Test
    void whatIsNotThereIsEmptyAndWhatIsNoFileIsAnError() throws Exception {
        assertThat(RootFiles.read(root, "/absent", 10)).isEmpty();
        assertThat(RootFiles.read(root, "/etc/passwd/below", 10)).isEmpty();
        assertThatThrownBy(() -> RootFiles.read(root, "/etc", 10)).isInstanceOf(IOException.class).hasMessageContaining("regular file");
        try (Tree tree = Tree.open(root)) {
            tree.mknod("fifo".getBytes(StandardCharsets.UTF_8), FileStat.FIFO | 0600, 0, 0);
        }
        assertThatThrownBy(() -> RootFiles.read(root, "/fifo", 10)).as("it must not block").isInstanceOf(IOException.class);
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        assertThatThrownBy(() -> RootFiles.read(root, "/loop", 10)).isInstanceOf(LinuxException.class).hasMessageContaining("ELOOP");
    }

    @Test
    void theLimitIsTheLastLengthThatIsRead() throws IOException {
        Files.write(root.resolve("big"), new byte[100_000]);
        assertThat(RootFiles.read(root, "/big", 100_000).orElseThrow()).hasSize(100_000);
        assertThatThrownBy(() -> RootFiles.read(root, "/big", 99_999)).isInstanceOf(IOException.class).hasMessageContaining("99999");
    }

    private String text(String path) throws IOException {
        return new String(RootFiles.read(root, path, 100).orElseThrow(), StandardCharsets.UTF_8);
    }
}
