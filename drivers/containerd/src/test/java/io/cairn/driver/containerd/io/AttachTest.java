package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.driver.host.UnreadOutput;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.cairn.testkit.Await;
import io.vavr.control.Option;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients at a container's main process. */
@Timeout(300)
class AttachTest extends OutputFixture {
    private static final Stdio LOOK = new Stdio(false, true, true, false);
    private static final Stdio TALK = new Stdio(true, true, true, false);

    private Output open(boolean stdinOnce) throws Exception {
        return outputs.open(new OutputSpec("c1", spec().directory(), Option.some(log()), false, true, stdinOnce), task);
    }

    private static String read(InputStream stream, int count) throws Exception {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return new String(stream.readNBytes(count), StandardCharsets.UTF_8);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }, Thread::startVirtualThread).get(60, TimeUnit.SECONDS);
    }

    @Test
    void clientsGetWhatIsSaidFromNowOnAndTheEnd() throws Exception {
        Output output = open(false);
        var shim = new FakeShim(output.paths());
        shim.say("before\n");
        awaitOut("before\n");
        try (Session one = output.attach(LOOK); Session two = output.attach(LOOK)) {
            shim.say("hello\n");
            shim.complain("oh\n");
            for (Session client : new Session[] {one, two}) {
                assertThat(read(client.stdout(), 6)).isEqualTo("hello\n");
                assertThat(read(client.stderr(), 3)).isEqualTo("oh\n");
            }
            two.close();
            shim.say("rest");
            shim.close();
            assertThat(output.finish()).isTrue();
            assertThat(one.await().isEmpty()).isTrue();
            assertThat(read(one.stdout(), 100)).isEqualTo("rest");
            assertThat(read(one.stderr(), 100)).isEmpty();
        }
        try (Session late = output.attach(LOOK)) {
            assertThat(late.await().isEmpty()).as("a container that has ended").isTrue();
        }
    }

    @Test
    void inputOfSeveralClientsReachesTheContainerAndTheirLeavingDoesNotEndIt() throws Exception {
        Output output = open(false);
        try (var shim = new FakeShim(output.paths()); var stdin = bothEnds(output)) {
            try (Session one = output.attach(TALK); Session two = output.attach(TALK)) {
                one.stdin().write("one".getBytes(StandardCharsets.UTF_8));
                two.stdin().write("two".getBytes(StandardCharsets.UTF_8));
                one.stdin().close();
            }
            assertThat(read(stdin, 6)).isEqualTo("onetwo");
            try (Session three = output.attach(TALK)) {
                three.stdin().write("more".getBytes(StandardCharsets.UTF_8));
                assertThat(read(stdin, 4)).isEqualTo("more");
                three.resize(1, 2);
            }
            assertThat(task.stdinClosed).hasValue(0);
            assertThat(task.sizes).as("there is no terminal").isEmpty();
        }
        output.finish();
    }

    @Test
    void inputThatIsToEndWithItsFirstClientDoes() throws Exception {
        Output output = open(true);
        try (var shim = new FakeShim(output.paths()); var stdin = bothEnds(output)) {
            try (Session first = output.attach(TALK)) {
                first.stdin().write("only".getBytes(StandardCharsets.UTF_8));
                output.settle();
                assertThat(task.stdinClosed).hasValue(0);
                first.stdin().close();
                assertThat(task.stdinClosed).hasValue(1);
            }
            assertThat(task.stdinClosed).hasValue(1);
            try (Session second = output.attach(TALK)) {
                second.stdin().write("too late".getBytes(StandardCharsets.UTF_8));
            }
            assertThat(stdin.available()).isEqualTo(4);
        }
        output.finish();
    }

    /** As the shim has it: also open for writing. */
    private static FileInputStream bothEnds(Output output) throws Exception {
        var opening = CompletableFuture.supplyAsync(() -> {
            try {
                return new FileOutputStream(output.paths().stdin());
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        var stdin = new FileInputStream(output.paths().stdin());
        opening.get();
        return stdin;
    }

    @Test
    void inputOfAClientWhoDiedWithTheDaemonIsEndedByTheNext() throws Exception {
        Output output = open(true);
        try (var shim = new FakeShim(output.paths()); var stdin = bothEnds(output)) {
            output.attach(TALK);
            restart();
            Output again = open(true);
            again.settle();
            assertThat(task.stdinClosed).hasValue(1);
            try (Session late = again.attach(TALK)) {
                late.stdin().write(1);
            }
            assertThat(stdin.available()).isZero();
        }
        open(true).finish();
    }

    @Test
    void whoOnlyLooksOnAndDoesNotReadIsSentAwayAndHoldsNothingUp() throws Exception {
        Output output = open(false);
        byte[] said = "a line of a busy container\n".repeat(200_000).getBytes(StandardCharsets.US_ASCII);
        try (Session slow = output.attach(LOOK)) {
            try (var shim = new FakeShim(output.paths())) {
                shim.stdout().write(said);
            }
            assertThat(output.finish()).isTrue();
            assertThatThrownBy(slow::await).hasMessageContaining("came faster than it was taken").hasMessageContaining("its log has everything");
            assertThat(read(slow.stdout(), 1)).isEmpty();
        }
        LogText.assertSame(LogText.of(log()).stdout(), said, "the log");
    }

    @Test
    void whoAlsoWritesIsWaitedForAndGetsEveryByte() throws Exception {
        Output output = open(false);
        byte[] said = new byte[12 << 20];
        new Random(9).nextBytes(said);
        try (Session client = output.attach(TALK)) {
            var writing = CompletableFuture.runAsync(() -> {
                try (var shim = new FakeShim(output.paths())) {
                    shim.stdout().write(said);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            byte[] got = new byte[said.length];
            int at = client.stdout().readNBytes(got, 0, 1000);
            Await.until("what waits for the client", PATIENCE, () -> client.stdout() instanceof UnreadOutput s && s.heldBytes() > 1 << 19);
            assertThat(writing.isDone()).as("the container waits").isFalse();
            at += client.stdout().readNBytes(got, at, got.length - at);
            writing.get();
            assertThat(at).isEqualTo(said.length);
            assertThat(Arrays.equals(got, said)).isTrue();
        }
        output.finish();
        LogText.assertSame(LogText.of(log()).stdout(), said, "the log");
    }

    /** The one case in which time itself is what is promised: after ten seconds nobody waits any more. */
    @Test
    void whoIsWaitedForAndTakesNothingIsSentAwayAfterAWhile() throws Exception {
        Output output = open(false);
        byte[] said = "a line of a busy container\n".repeat(200_000).getBytes(StandardCharsets.US_ASCII);
        try (Session stuck = output.attach(TALK); var shim = new FakeShim(output.paths())) {
            shim.stdout().write(said);
            Await.until("all of it in the log", PATIENCE, () -> Files.size(log()) > said.length && LogText.growing(log()).stdout().length == said.length);
            assertThatThrownBy(stuck::await).hasMessageContaining("nothing of the output was taken for 10 s");
        }
        output.finish();
    }

    @Test
    void aTerminalIsResized() throws Exception {
        Output output = outputs.open(new OutputSpec("c1", spec().directory(), Option.some(log()), true, true, false), task);
        try (var shim = new FakeShim(output.paths()); Session client = output.attach(new Stdio(true, true, false, true))) {
            client.resize(120, 40);
            assertThat(task.sizes).containsExactly("120x40");
        }
        output.finish();
    }
}
