package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.testkit.JavaProgram;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A daemon killed by the kernel, at random and over and over, while containers write: each byte comes into the log, and once. */
@Timeout(900)
class KilledOutputsTest extends OutputFixture {
    private static final int KILLS = 100;
    private static final int CONTAINERS = 4;
    private static final int LIFE_MILLIS_MAX = 120;
    /** Of each output: what is not read holds the writer up. */
    private static final int BYTES_MAX = 24 << 20;

    /** A container that writes without a pause until it is told to end. */
    private static final class Writer {
        final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        final List<Path> logs = new ArrayList<>();
        private final FakeShim shim;
        private final CompletableFuture<Void> writing;
        private volatile boolean ended;

        Writer(StdioPaths paths, long seed) throws IOException {
            shim = new FakeShim(paths);
            writing = CompletableFuture.runAsync(() -> write(new Random(seed)), task -> Thread.ofPlatform().start(task));
        }

        private void write(Random random) {
            try (shim) {
                while (!ended) {
                    boolean isError = random.nextInt(4) == 0;
                    ByteArrayOutputStream said = isError ? stderr : stdout;
                    byte[] piece = OutputTest.piece(random);
                    said.writeBytes(piece);
                    (isError ? shim.stderr() : shim.stdout()).write(piece);
                    if (said.size() > BYTES_MAX || random.nextInt(8) == 0) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(said.size() > BYTES_MAX ? 50 : 1));
                    }
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** A daemon in a process of its own. */
    private final class Daemon implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;

        Daemon(JavaProgram programs) throws IOException {
            process = new ProcessBuilder(programs.command(KilledOutputs.class, dir.toString(), Integer.toString(CONTAINERS)))
                    .redirectErrorStream(true).start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream()));
        }

        void await(String word) throws IOException {
            var said = new StringBuilder();
            for (String line = output.readLine(); line == null || !line.equals(word); line = output.readLine()) {
                assertThat(line).as("it lives until it is killed: %s", said).isNotNull();
                said.append(line).append('\n');
            }
        }

        void order(String order) throws IOException {
            process.getOutputStream().write((order + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        }

        @Override
        public void close() throws IOException {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    @Test
    void eachByteComesIntoTheLogOnceThoughTheDaemonIsKilledOverAndOver() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        JavaProgram programs = learnt(dir.resolve("learning"));
        List<Writer> writers = begin(seed);
        int moved = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            try (var daemon = new Daemon(programs)) {
                daemon.await("ready");
                moved += moveSome(random, writers);
                if (random.nextBoolean()) {
                    daemon.order("reopen");
                    if (random.nextBoolean()) {
                        daemon.await("done");
                    }
                }
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(LIFE_MILLIS_MAX * 1000)));
            }
            moved += moveSome(random, writers);
        }
        finish(programs, writers);
        compare(seed, writers);
        System.out.printf("%d kills at random moments, %d moves of a log%n", KILLS, moved);
        start();
    }

    /** By the output of one container, which is taken away again. */
    private JavaProgram learnt(Path learning) throws Exception {
        Files.createDirectories(KilledOutputs.log(learning, 0).getParent());
        OutputSpec spec = KilledOutputs.spec(learning, 0);
        try {
            return JavaProgram.in(dir).learn(dir.resolve("errors"), KilledOutputs.class, learning.toString(), "1");
        } finally {
            outputs.remove(spec.containerId(), spec.directory());
        }
    }

    private List<Writer> begin(long seed) throws IOException {
        var writers = new ArrayList<Writer>();
        for (int i = 0; i < CONTAINERS; i++) {
            Files.createDirectory(KilledOutputs.log(dir, i).getParent());
            Output output = outputs.open(KilledOutputs.spec(dir, i), task);
            output.awaitReady();
            writers.add(new Writer(output.paths(), seed + i));
        }
        stop();
        return writers;
    }

    private void finish(JavaProgram programs, List<Writer> writers) throws Exception {
        for (Writer writer : writers) {
            writer.ended = true;
        }
        try (var daemon = new Daemon(programs)) {
            daemon.await("ready");
            daemon.order("reopen");
            daemon.await("done");
            for (Writer writer : writers) {
                writer.writing.get();
            }
            daemon.order("finish");
            daemon.await("done");
        }
    }

    /** As a kubelet does, now and then, whether or not anybody is there to be told. */
    private int moveSome(Random random, List<Writer> writers) throws IOException {
        int moved = 0;
        for (int i = 0; i < writers.size(); i++) {
            Path log = KilledOutputs.log(dir, i);
            if (random.nextInt(6) == 0 && Files.exists(log)) {
                Path away = log.resolveSibling("0.log." + writers.get(i).logs.size());
                Files.move(log, away);
                writers.get(i).logs.add(away);
                moved++;
            }
        }
        return moved;
    }

    private void compare(long seed, List<Writer> writers) throws IOException {
        long bytes = 0;
        for (int i = 0; i < writers.size(); i++) {
            Writer writer = writers.get(i);
            var files = new ArrayList<>(writer.logs);
            if (Files.exists(KilledOutputs.log(dir, i))) {
                files.add(KilledOutputs.log(dir, i));
            }
            LogText log = LogText.of(files);
            LogText.assertSame(log.stdout(), writer.stdout.toByteArray(), "stdout of container %d, seed %d".formatted(i, seed));
            LogText.assertSame(log.stderr(), writer.stderr.toByteArray(), "stderr of container %d, seed %d".formatted(i, seed));
            bytes += log.stdout().length + log.stderr().length;
        }
        System.out.printf("%d bytes of %d containers came into their logs%n", bytes, CONTAINERS);
    }
}
