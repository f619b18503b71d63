package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands that clients are connected to, and a shim that passes their input back as output. */
@Timeout(300)
class ExecStreamsTest extends OutputFixture {
    private static final Stdio ALL = new Stdio(true, true, true, false);

    private Path directory() {
        return dir.resolve("run/exec1");
    }

    /** A command that ends when it is told. */
    private static final class Command implements ExecTask {
        final CompletableFuture<Integer> end = new CompletableFuture<>();
        final AtomicInteger abandoned = new AtomicInteger();
        final CompletableFuture<Void> stdinClosed = new CompletableFuture<>();

        @Override
        public int await() {
            return end.join();
        }

        @Override
        public void abandon() {
            abandoned.incrementAndGet();
            end.complete(137);
        }

        @Override
        public void closeStdin() {
            stdinClosed.complete(null);
        }

        @Override
        public void resize(int columns, int rows) {}
    }

    /** Passes on until the input ends, which it does when the last writer has gone. */
    private static CompletableFuture<Void> cat(StdioPaths paths, Command command) throws IOException {
        var held = new FileOutputStream(paths.stdin());
        var in = new FileInputStream(paths.stdin());
        var out = new FileOutputStream(paths.stdout());
        command.stdinClosed.thenRun(() -> close(held));
        return CompletableFuture.runAsync(() -> {
            try (in; out) {
                in.transferTo(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            command.end.complete(7);
        });
    }

    private static void close(AutoCloseable closed) {
        try {
            closed.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void everyByteGoesThroughBothWaysAndTheExitCodeComes() throws Exception {
        byte[] said = new byte[16 << 20];
        new Random(2).nextBytes(said);
        var command = new Command();
        ExecStreams streams = ExecStreams.open(poller, directory(), ALL);
        CompletableFuture<Void> shim = cat(streams.paths(), command);
        try (Session session = streams.session(command)) {
            var writing = CompletableFuture.runAsync(() -> write(session.stdin(), said), Thread::startVirtualThread);
            var reading = CompletableFuture.supplyAsync(() -> readAll(session.stdout()), Thread::startVirtualThread);
            assertThat(session.await()).isEqualTo(Option.some(7));
            writing.get();
            assertThat(Arrays.equals(reading.get(), said)).isTrue();
        }
        shim.get();
        assertThat(command.abandoned).hasValue(0);
        assertThat(directory()).doesNotExist();
    }

    private static void write(OutputStream stdin, byte[] said) {
        try (stdin) {
            stdin.write(said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] readAll(InputStream stdout) {
        try {
            return stdout.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aClientWhoLeavesEndsTheCommandAndWakesWhoReads() throws Exception {
        var command = new Command();
        ExecStreams streams = ExecStreams.open(poller, directory(), ALL);
        try (var out = new FileOutputStream(streams.paths().stdout()); var err = new FileOutputStream(streams.paths().stderr())) {
            Session session = streams.session(command);
            var reading = CompletableFuture.supplyAsync(() -> {
                try {
                    return session.stdout().readAllBytes().length;
                } catch (IOException e) {
                    return -1;
                }
            }, Thread::startVirtualThread);
            session.close();
            session.close();
            assertThat(reading.get()).isEqualTo(-1);
            assertThat(session.await()).isEqualTo(Option.some(137));
        }
        assertThat(command.abandoned).hasValue(1);
        assertThat(directory()).doesNotExist();
    }

    @Test
    void whatACommandLeavesBehindKeepsNobodyWaiting() throws Exception {
        var command = new Command();
        ExecStreams streams = ExecStreams.open(poller, directory(), new Stdio(false, true, false, false));
        assertThat(streams.paths().stdin()).isEmpty();
        assertThat(streams.paths().stderr()).isEqualTo("/dev/null");
        try (var out = new FileOutputStream(streams.paths().stdout()); Session session = streams.session(command)) {
            out.write("said".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            command.end.complete(0);
            session.await();
            assertThat(readAll(session.stdout())).asString().isEqualTo("said");
            assertThat(readAll(session.stderr())).isEmpty();
        }
    }

    @Test
    void whatADeadDaemonHasLeftIsTakenAway() throws Exception {
        ExecStreams.open(poller, directory(), ALL);
        restart();
        outputs.remove("exec1", directory());
        assertThat(Files.exists(directory())).isFalse();
        outputs.remove("exec1", directory());
    }
}
