package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pipes and sockets that virtual threads wait on. */
@Timeout(120)
class DescriptorTest {
    @TempDir
    Path dir;
    private Poller poller;

    @BeforeEach
    void open() throws Exception {
        poller = Poller.open();
    }

    @AfterEach
    void close() {
        poller.close();
    }

    private Process run(Descriptor.Pipe in, Descriptor.Pipe out, String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectInput(end(in)).redirectOutput(Redirect.to(end(out))).start();
        in.handedOver();
        out.handedOver();
        return process;
    }

    /** As a path, which is what the JDK can give a child. */
    private static File end(Descriptor.Pipe pipe) {
        return new File("/proc/" + ProcessHandle.current().pid() + "/fd/" + pipe.theirs());
    }

    @Test
    void carriesBytesThroughAChildOnVirtualThreads() throws Exception {
        byte[] sent = new byte[8 << 20];
        new Random(1).nextBytes(sent);
        var in = Descriptor.toWrite(poller);
        var out = Descriptor.toRead(poller);
        run(in, out, "cat");
        var written = new CompletableFuture<Void>();
        Thread.startVirtualThread(() -> {
            try (var stdin = in.ours().output()) {
                stdin.write(sent, 0, 5);
                stdin.write(sent, 5, sent.length - 5);
                written.complete(null);
            } catch (IOException e) {
                written.completeExceptionally(e);
            }
        });
        try (var stdout = out.ours().input()) {
            assertThat(Arrays.equals(stdout.readAllBytes(), sent)).isTrue();
        }
        written.get(60, TimeUnit.SECONDS);
    }

    /** More readers than there will ever be carriers. */
    @Test
    void manyMayWaitAtOnce() throws Exception {
        var pipes = new ArrayList<Descriptor.Pipe>();
        var ends = new ArrayList<CompletableFuture<Integer>>();
        for (int i = 0; i < 400; i++) {
            Descriptor.Pipe pipe = Descriptor.toRead(poller);
            pipes.add(pipe);
            ends.add(CompletableFuture.supplyAsync(() -> readOne(pipe.ours()), Thread::startVirtualThread));
        }
        pipes.forEach(Descriptor.Pipe::handedOver);
        for (CompletableFuture<Integer> end : ends) {
            assertThat(end.get(60, TimeUnit.SECONDS)).isEqualTo(-1);
        }
        pipes.forEach(pipe -> pipe.ours().close());
    }

    private static int readOne(Descriptor descriptor) {
        try {
            return descriptor.read(new byte[1], 0, 1);
        } catch (IOException e) {
            return -2;
        }
    }

    @Test
    void aCloseWakesWhoWaits() throws Exception {
        Descriptor.Pipe pipe = Descriptor.toRead(poller);
        var reading = CompletableFuture.supplyAsync(() -> readOne(pipe.ours()), Thread::startVirtualThread);
        pipe.ours().close();
        pipe.handedOver();
        assertThat(reading.get(60, TimeUnit.SECONDS)).isEqualTo(-2);
        assertThatThrownBy(() -> pipe.ours().read(new byte[1], 0, 1)).isInstanceOf(IOException.class).hasMessage("closed");
    }

    @Test
    void whoGivesUpReadsWhatIsThereFirst() throws Exception {
        var in = Descriptor.toWrite(poller);
        var out = Descriptor.toRead(poller);
        Process process = run(in, out, "sh", "-c", "echo said; exec sleep 1000");
        out.ours().giveUpAfter(60_000);
        byte[] buffer = new byte[16];
        assertThat(out.ours().read(buffer, 0, 16)).isEqualTo(5);
        out.ours().giveUpAfter(1);
        assertThat(out.ours().read(buffer, 0, 16)).isEqualTo(-1);
        process.destroyForcibly().waitFor();
        in.ours().close();
        out.ours().close();
    }

    @Test
    void aPipeNobodyReadsIsAnError() throws Exception {
        var pipe = Descriptor.toWrite(poller);
        pipe.handedOver();
        assertThatThrownBy(() -> pipe.ours().write(new byte[1], 0, 1)).isInstanceOf(LinuxException.class).hasMessageContaining("EPIPE");
        pipe.ours().close();
    }

    @Test
    void aSocketThatIsNotThereSaysSo() {
        assertThatThrownBy(() -> Descriptor.connect(poller, dir.resolve("x".repeat(90)))).isInstanceOf(LinuxException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void aFifoNobodyReadsIsNotWaitedFor() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", dir.resolve("ctl").toString()).start().waitFor()).isZero();
        assertThatThrownBy(() -> Descriptor.tell(dir.resolve("ctl"), "1 2 3\n")).isInstanceOf(LinuxException.class)
                .hasMessageContaining("ENXIO");
    }
}
