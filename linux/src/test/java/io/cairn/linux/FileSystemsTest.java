package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSystemsTest {
    @TempDir Path temp;

    @Test
    void tellsTheSameAsTheJdkAndTheInodesWhichTheJdkDoesNot() throws Exception {
        var capacity = FileSystems.capacity(temp);
        assertThat(capacity.bytes()).isEqualTo(Files.getFileStore(temp).getTotalSpace());
        assertThat(capacity.freeBytes()).isBetween(0L, capacity.bytes());
        assertThat(capacity.availableBytes()).isBetween(0L, capacity.freeBytes());
        assertThat(capacity.freeInodes()).isBetween(0L, capacity.inodes());
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> FileSystems.capacity(temp.resolve("absent"))).isInstanceOf(LinuxException.class).hasMessageContaining("absent");
    }
}
