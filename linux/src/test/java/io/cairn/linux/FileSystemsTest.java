package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.LongBuffer;
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
    void blocksAreCountedInTheirOwnSizeNotInTransfers() {
        LongBuffer fields = LongBuffer.wrap(new long[] {0xef53, 1 << 20, 1000, 500, 400, 70, 60, 0, 255, 4096, 0});
        assertThat(FileSystems.capacity(fields)).isEqualTo(new FileSystems.Capacity(4_096_000, 2_048_000, 1_638_400, 70, 60));
    }

    @Test
    void whatHasNoBoundsHasNoneInBytesEither() {
        LongBuffer fields = LongBuffer.wrap(new long[] {0, 4096, -1, Long.MAX_VALUE, 1L << 51, 0, 0, 0, 255, 4096, 0});
        assertThat(FileSystems.capacity(fields)).isEqualTo(new FileSystems.Capacity(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 0, 0));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> FileSystems.capacity(temp.resolve("absent"))).isInstanceOf(LinuxException.class).hasMessageContaining("absent");
    }
}
