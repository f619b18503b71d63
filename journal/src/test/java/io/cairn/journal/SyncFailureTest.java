package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel says that it could not write: strace answers a sync with EIO in its place. Needs strace. */
class SyncFailureTest {
    @TempDir Path temp;

    private Child.Launcher launcher;
    private Path journal;

    @BeforeEach
    void prepare() throws Exception {
        launcher = Child.Launcher.make(temp);
        journal = temp.resolve("journal");
    }

    @Test
    void aFailedSyncEndsTheJournalAndAcknowledgesNothingMore() throws Exception {
        var acks = new Acks();
        try (Child child = runWith("msync:error=EIO:when=20")) {
            assertThat(child.awaitExit()).isNotZero();
            acks.addAll(child.lines());
            assertThat(child.lines()).last().isEqualTo("refused");
        }
        assertThat(Files.readString(launcher.errors())).contains("JournalFailure", "msync of", "Input/output error");
        assertThat(acks.count()).isPositive();
        acks.assertAllIn(journal, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fdatasync", "fsync", "msync", "fallocate"})
    void whereItDoesNotWorkAtAllNothingStarts(String call) throws Exception {
        try (Child child = runWith(call + ":error=EIO")) {
            assertThat(child.awaitExit()).isNotZero();
            assertThat(child.lines()).filteredOn(line -> !line.startsWith("open") && !line.equals("refused")).isEmpty();
        }
        assertThat(Files.readString(launcher.errors())).contains("JournalFailure");
    }

    private Child runWith(String injection) throws Exception {
        List<String> strace = List.of("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fdatasync,fsync,msync,fallocate",
                "-e", "inject=" + injection);
        return launcher.start(strace, Appender.class, journal.toString(), "7", "1000");
    }
}
