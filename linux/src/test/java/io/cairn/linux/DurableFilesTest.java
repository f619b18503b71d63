package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
    @TempDir Path temp;

    @Test
    void whatIsMadeIsForTheOwnerOnly() throws Exception {
        DurableFiles.createDirectory(temp.resolve("directory"));
        DurableFiles.openOrCreate(temp.resolve("file")).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("directory")))).isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("file")))).isEqualTo("rw-------");
        LinuxException twice = catchThrowableOfType(LinuxException.class, () -> DurableFiles.createDirectory(temp.resolve("directory")));
        assertThat(twice.is(Errno.EEXIST)).isTrue();
    }

    @Test
    void reservedSpaceReadsAsZerosAndKeepsWhatWasThere() throws Exception {
        Path file = temp.resolve("file");
        try (var handle = DurableFiles.openOrCreate(file)) {
            handle.write(0, new byte[] {1, 2, 3});
            handle.reserve(0, 10_000);
            handle.write(9_998, new byte[] {4, 5});
            handle.syncData();
        }
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes).hasSize(10_000).startsWith(1, 2, 3, 0).endsWith(0, 4, 5);
        try (var handle = DurableFiles.open(file)) {
            handle.truncate(2);
        }
        assertThat(Files.readAllBytes(file)).containsExactly(1, 2);
    }

    @Test
    void reservingTakesTheSpaceFromTheFreeBytes() throws Exception {
        try (var handle = DurableFiles.openOrCreate(temp.resolve("file"))) {
            long usable = Files.getFileStore(temp).getUsableSpace();
            assertThat(handle.freeBytes()).isBetween(usable / 2, usable * 2);
            LinuxException full = catchThrowableOfType(LinuxException.class, () -> handle.reserve(0, handle.freeBytes() + (1L << 40)));
            assertThat(full.errno()).isIn(Errno.ENOSPC.intValue(), Errno.EFBIG.intValue());
            assertThat(full).hasMessageContaining("fallocate").hasMessageContaining(temp.resolve("file").toString());
        }
    }

    @Test
    void aLockKeepsOtherHandlesAwayUntilItIsClosed() throws Exception {
        Path file = temp.resolve("lock");
        try (var holder = DurableFiles.openOrCreate(file);
                var other = DurableFiles.open(file)) {
            assertThat(holder.tryLock()).isTrue();
            assertThat(other.tryLock()).isFalse();
            DurableFiles.open(file).close();
            assertThat(other.tryLock()).isFalse();
            holder.close();
            holder.close();
            assertThat(other.tryLock()).isTrue();
        }
    }

    @Test
    void failuresNameTheCallAndTheFile() {
        assertThatThrownBy(() -> DurableFiles.open(temp.resolve("absent")))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("open(" + temp.resolve("absent"))
                .hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> DurableFiles.syncDirectory(temp.resolve("absent")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Cannot fsync the directory " + temp.resolve("absent"));
    }
}
