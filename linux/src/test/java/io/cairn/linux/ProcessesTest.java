package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
    @Test
    void namesMayHoldBracketsAndSpaces() throws Exception {
        var stat = Processes.parse("42 (a) S (b c) Z 7 42 41 0 -1 4194304 14 0 0 0 0 0 0 0 20 0 1 0 9876 5 6");
        assertThat(stat).isEqualTo(new Processes.Stat(42, 'Z', 7, 41, 9876));
        assertThat(stat.hasEnded()).isTrue();
        assertThatThrownBy(() -> Processes.parse("42 nonsense")).isInstanceOf(IOException.class).hasMessageContaining("proc_pid_stat");
    }

    @Test
    void theEffectiveUserIsWhoFilesOfThisProcessBelongTo(@TempDir Path dir) throws IOException {
        assertThat(Processes.effectiveUser()).isEqualTo(Files.getAttribute(Files.createFile(dir.resolve("mine")), "unix:uid"));
    }

    @Test
    void aSignalReachesOnlyTheProcessThatWasMeant() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "1000").start();
        try {
            var stat = Processes.stat(sleeper.pid()).orElseThrow();
            assertThat(stat.parent()).isEqualTo(ProcessHandle.current().pid());
            // Java goes on before the kernel shows its arguments.
            for (int tries = 0; tries < 1_000 && !Processes.commandLine(sleeper.pid()).contains("1000"); tries++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            assertThat(Processes.commandLine(sleeper.pid())).containsExactly("sleep", "1000");
            assertThat(Processes.all()).anyMatch(s -> s.pid() == sleeper.pid() && s.startTicks() == stat.startTicks());

            assertThat(Processes.signal(sleeper.pid(), stat.startTicks() + 1, Processes.SIGKILL)).isFalse();
            assertThat(Processes.isAlive(sleeper.pid(), stat.startTicks())).isTrue();
            assertThat(Processes.signal(sleeper.pid(), stat.startTicks(), 15)).isTrue();
            assertThat(sleeper.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(sleeper.exitValue()).isEqualTo(128 + 15);
            assertThat(Processes.signal(sleeper.pid(), stat.startTicks(), 15)).isFalse();
            assertThat(Processes.stat(sleeper.pid())).isEmpty();
            assertThat(Processes.commandLine(sleeper.pid())).isEmpty();
        } finally {
            sleeper.destroyForcibly();
        }
    }
}
