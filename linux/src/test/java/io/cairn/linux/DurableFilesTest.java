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

    /** On a file system of its own: fallocate(2) takes all that is free before it says that this is not enough, from everybody else, too. */
    @Test
    void reservingTakesTheSpaceFromTheFreeBytes() throws Exception {
        Path small = Files.createDirectory(temp.resolve("small"));
        Mounts.mount("tmpfs", small, "tmpfs", 0, "size=1m");
        Path file = small.resolve("file");
        try (var handle = DurableFiles.openOrCreate(file)) {
            handle.reserve(0, 256 << 10);
            assertThat(handle.freeBytes()).isEqualTo(768 << 10);
            LinuxException full = catchThrowableOfType(LinuxException.class, () -> handle.reserve(0, 2 << 20));
            assertThat(full.is(Errno.ENOSPC)).isTrue();
            assertThat(full).hasMessageContaining("fallocate").hasMessageContaining(file.toString());
        } finally {
            Mounts.unmount(small);
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
