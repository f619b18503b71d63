package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.linux.Poller;
import io.cairn.linux.Processes;
import io.cairn.testkit.Await;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A daemon's outputs in a temporary directory, and a shim played by the test. */
abstract class OutputFixture {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path dir;
    Poller poller;
    Outputs outputs;
    final RecordedTask task = new RecordedTask();

    /** What is asked of containerd. */
    static final class RecordedTask implements Task {
        final AtomicInteger stdinClosed = new AtomicInteger();
        final List<String> sizes = new ArrayList<>();

        @Override
        public void closeStdin() {
            stdinClosed.incrementAndGet();
        }

        @Override
        public synchronized void resize(int columns, int rows) {
            sizes.add(columns + "x" + rows);
        }
    }

    @BeforeEach
    void start() throws Exception {
        poller = Poller.open();
        outputs = Outputs.open(poller, dir.resolve("programs"));
    }

    /** As a daemon that ends, and another one that begins. */
    void restart() throws Exception {
        stop();
        start();
    }

    void stop() {
        outputs.close();
        poller.close();
    }

    @AfterEach
    void nothingStays() throws Exception {
        Path run = dir.resolve("run");
        if (Files.isDirectory(run)) {
            try (var directories = Files.list(run)) {
                for (Path directory : directories.toList()) {
                    outputs.remove(directory.getFileName().toString(), directory);
                    assertThat(directory).doesNotExist();
                }
            }
        }
        stop();
        Await.until("no holder to be left", PATIENCE, () -> holders().isEmpty());
    }

    /** Pids of what holds FIFOs of this test. */
    List<Integer> holders() throws IOException {
        var found = new ArrayList<Integer>();
        for (Processes.Stat stat : Processes.all()) {
            if (!stat.hasEnded() && Processes.commandLine(stat.pid()).stream().anyMatch(argument -> argument.startsWith(dir.toString()))) {
                found.add((int) stat.pid());
            }
        }
        return found;
    }

    Path log() {
        return dir.resolve("0.log");
    }

    OutputSpec spec() {
        return new OutputSpec("c1", dir.resolve("run").resolve("c1"), Option.some(log()), false, false, false);
    }

    Output open() throws IOException {
        Output output = outputs.open(spec(), task);
        output.awaitReady();
        return output;
    }

    void awaitOut(String text) throws Exception {
        Await.until("the log to have " + text.length() + " characters", PATIENCE, () -> LogText.growing(log()).out().equals(text));
    }
}
