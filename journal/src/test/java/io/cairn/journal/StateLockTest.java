package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateLockTest {
    @TempDir Path temp;

    @Test
    void anotherProcessIsNamedAndAStaleFileBlocksNobody() throws Exception {
        Path state = Files.createDirectory(temp.resolve("state"));
        try (Child holder = Child.Launcher.make(temp).start(LockHolder.class, state.toString())) {
            holder.awaitLines(1);
            StateLock.Held held = catchThrowableOfType(StateLock.Held.class, () -> StateLock.acquire(state));
            assertThat(held.pid()).isEqualTo(holder.pid());
            assertThat(StateLock.holderOf(state)).containsExactly(holder.pid());
            assertThat(held).hasMessageContaining(state.toString()).hasMessageContaining("process " + holder.pid());
            holder.kill();
        }
        assertThat(state.resolve("lock")).exists();
        assertThat(StateLock.holderOf(state)).isEmpty();
        try (StateLock _ = StateLock.acquire(state)) {
            assertThat(Files.readString(state.resolve("lock"))).isEqualTo(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void theSameProcessCannotTakeItTwiceAndARefusalDoesNotReleaseIt() throws Exception {
        try (StateLock _ = StateLock.acquire(temp)) {
            for (int attempt = 0; attempt < 3; attempt++) {
                assertThatThrownBy(() -> StateLock.acquire(temp)).isInstanceOf(StateLock.Held.class);
            }
        }
        StateLock.acquire(temp).close();
    }

    @Test
    void aFileWithNonsenseInItIsNoTrouble() throws Exception {
        Files.writeString(temp.resolve("lock"), "x".repeat(1000));
        try (StateLock _ = StateLock.acquire(temp)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("lock")))).startsWith("rw-");
            Files.writeString(temp.resolve("lock"), "nonsense");
            assertThat(catchThrowableOfType(StateLock.Held.class, () -> StateLock.acquire(temp)).pid()).isZero();
        }
    }
}
