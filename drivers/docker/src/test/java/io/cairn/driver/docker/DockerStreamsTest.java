package io.cairn.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.Await;
import io.cairn.driver.host.DriverFixture;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.journal.Failure;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients of containers under a real engine, beyond what the contract asks of every driver. */
@Timeout(300)
class DockerStreamsTest extends DriverFixture {
    private static final Stdio LOOK = new Stdio(false, true, true, false);
    private static final Stdio TALK = new Stdio(true, true, true, false);
    private static final Stdio TERMINAL = new Stdio(true, true, false, true);
    private static final String SLEEP = "trap 'exit 0' TERM; sleep 1000 & wait";

    @RegisterExtension
    private final TestEngine engine = new TestEngine(true);

    @Override
    protected Driver open(Path directory) throws Exception {
        return engine.open(directory);
    }

    private Session open(String container, Stdio stdio, String... command) throws DriverException {
        return driver.streams().openExec(new ExecSpec(random(32), container, Vector.of(command), 0), stdio);
    }

    private static void say(Session session, String text) throws IOException {
        session.stdin().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** On a thread of its own: what does not come must not hold the test up for ever. */
    private static String read(InputStream stream, int count) throws Exception {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return new String(stream.readNBytes(count), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }, Thread::startVirtualThread).get(60, TimeUnit.SECONDS);
    }

    private static String rest(InputStream stream) throws Exception {
        return read(stream, Integer.MAX_VALUE);
    }

    private boolean runs(String container, String what) throws DriverException {
        return output(container, "ps", "-o", "args").contains(what);
    }

    // ---- commands

    @Test
    void theEndOfACommandsInputReachesItAndItsOutputComesAfterwards() throws Exception {
        String id = run(pod(), shell(SLEEP));
        try (Session session = open(id, TALK, "sh", "-c", "cat; echo err >&2; exit 5")) {
            say(session, "hello");
            session.stdin().close();
            assertThat(session.await()).isEqualTo(Option.some(5));
            assertThat(rest(session.stdout())).isEqualTo("hello");
            assertThat(rest(session.stderr())).isEqualTo("err\n");
        }
    }

    @Test
    void onATerminalTheEndOfInputIsACharacterAndEveryOtherOneIsPassedOn() throws Exception {
        String id = run(pod(), shell(SLEEP));
        try (Session session = open(id, TERMINAL, "sh", "-c", "stty raw -echo; echo ready; head -c 6 | od -An -tx1; exit 4")) {
            session.resize(99, 33);
            assertThat(read(session.stdout(), 6)).startsWith("ready");
            // Those by which a client of docker's own would leave.
            session.stdin().write(new byte[] {16, 17, 16, 17, 3, 'x'});
            session.stdin().close();
            assertThat(session.await()).isEqualTo(Option.some(4));
            assertThat(rest(session.stdout())).contains("10 11 10 11 03 78");
        }
    }

    @Test
    void onlyTheOutputThatWasAskedForComes() throws Exception {
        String id = run(pod(), shell(SLEEP));
        try (Session session = open(id, new Stdio(false, false, true, false), "sh", "-c", "echo out; echo err >&2")) {
            assertThat(session.await()).isEqualTo(Option.some(0));
            assertThat(rest(session.stdout())).isEmpty();
            assertThat(rest(session.stderr())).isEqualTo("err\n");
        }
    }

    @Test
    void aCommandThatClosesItsOutputIsWaitedFor() throws Exception {
        String id = run(pod(), shell(SLEEP));
        assertThat(exec(id, "sh", "-c", "exec >&- 2>&-; sleep 1; exit 9").exitCode()).isEqualTo(9);
    }

    @Test
    void aClientWhoLeavesEndsHisCommandWithWhatItHasStarted() throws Exception {
        String id = run(pod(), shell(SLEEP));
        for (Stdio stdio : new Stdio[] {TALK, TERMINAL}) {
            try (Session session = open(id, stdio, "sh", "-c", "sleep 1011 & echo here; sleep 1012")) {
                assertThat(read(session.stdout(), 4)).isEqualTo("here");
            }
            Await.until("the end of the command", () -> !runs(id, "sleep 1011") && !runs(id, "sleep 1012"));
        }
    }

    @Test
    void muchThatNobodyReadsHoldsTheCommandUpAndIsNotLost() throws Exception {
        String id = run(pod(), shell(SLEEP));
        try (Session session = open(id, LOOK, "sh", "-c", "head -c 20000000 /dev/zero; touch /done")) {
            Await.until("as much as is kept", () -> session.stdout().available() > 0);
            assertThat(exec(id, "sh", "-c", "[ -e /done ]").exitCode()).isEqualTo(1);
            assertThat(rest(session.stdout())).hasSize(20_000_000);
            assertThat(session.await()).isEqualTo(Option.some(0));
        }
    }

    @Test
    void aCommandWhoseDaemonIsGoneIsEndedByTheNextOneAlsoWhenTheEngineHasForgottenIt() throws Exception {
        String id = run(pod(), shell(SLEEP));
        var spec = new ExecSpec(random(32), id, Vector.of("sh", "-c", "sleep 1013 & sleep 1014"), 0);
        driver.streams().openExec(spec, TALK);
        engine.kill();
        engine.startAgain();
        restart();
        assertThat(runs(id, "sleep 1014")).isTrue();
        driver.abandonExec(id, spec.id());
        assertThat(runs(id, "sleep 1013")).isFalse();
        assertThat(runs(id, "sleep 1014")).isFalse();
    }

    @Test
    void anEngineThatDiesLeavesNoCommandBehindOfWhichNobodyKnowsTheEnd() throws Exception {
        String id = run(pod(), shell(SLEEP));
        try (Session session = open(id, TALK, "sh", "-c", "echo here; sleep 1015")) {
            assertThat(read(session.stdout(), 5)).isEqualTo("here\n");
            engine.kill();
            assertThatThrownBy(session::await).isInstanceOf(IOException.class).hasMessageContaining("nobody saw how the command ended");
        }
        engine.startAgain();
        assertThat(runs(id, "sleep 1015")).isFalse();
    }

    // ---- attachments

    @Test
    void clientsOfAContainerReadWhatItSaysFromNowOnUntilItEnds() throws Exception {
        String id = run(pod(), config -> shell("echo before; while read line; do echo got $line; echo err $line >&2; done; echo end")
                .apply(config).setStdin(true).setStdinOnce(true));
        try (Session looking = driver.streams().attach(id, LOOK); Session talking = driver.streams().attach(id, TALK)) {
            say(talking, "one\n");
            assertThat(read(talking.stdout(), 8)).isEqualTo("got one\n");
            assertThat(read(looking.stdout(), 8)).isEqualTo("got one\n");
            talking.stdin().close();
            for (Session session : new Session[] {looking, talking}) {
                assertThat(session.await()).isEqualTo(Option.none());
                assertThat(rest(session.stdout())).isEqualTo("end\n");
                assertThat(rest(session.stderr())).isEqualTo("err one\n");
            }
        }
        assertThat(exited.await(id).exitCode()).contains(0);
    }

    @Test
    void anInputThatIsNotToEndWithItsClientStaysOpenAndSoDoesHisOutput() throws Exception {
        String id = run(pod(), config -> shell("while read line; do echo got $line; done").apply(config).setStdin(true));
        for (String word : new String[] {"one", "two"}) {
            try (Session session = driver.streams().attach(id, TALK)) {
                say(session, word);
                session.stdin().close();
                say(session, "\n");
                assertThat(read(session.stdout(), 8)).isEqualTo("got " + word + "\n");
            }
        }
    }

    @Test
    void whoOnlyLooksOnAndDoesNotReadIsSentAwayAndHoldsNothingUp() throws Exception {
        String id = run(pod(), shell("while [ ! -e /go ]; do sleep 0.05; done; head -c 12000000 /dev/zero | tr '\\0' x; touch /done; " + SLEEP));
        try (Session session = driver.streams().attach(id, LOOK)) {
            exec(id, "touch", "/go");
            Await.until("all of it was said", () -> exec(id, "sh", "-c", "[ -e /done ]").exitCode() == 0);
            assertThatThrownBy(session::await).hasMessageContaining("came faster than it was taken").hasMessageContaining("its log has everything");
        }
    }

    @Test
    void anAttachmentToATerminalHasItsSize() throws Exception {
        String id = run(pod(), config -> shell("read line; stty size; echo got $line").apply(config).setStdin(true).setTty(true));
        try (Session session = driver.streams().attach(id, TERMINAL)) {
            session.resize(99, 33);
            Await.until("the terminal has its size", () -> output(id, "sh", "-c", "stty size < /dev/console").equals("33 99"));
            say(session, "word\n");
            assertThat(session.await()).isEqualTo(Option.none());
            assertThat(rest(session.stdout())).contains("33 99", "got word");
        }
    }

    @Test
    void anEngineThatDiesEndsAttachmentsWithAReason() throws Exception {
        String id = run(pod(), shell(SLEEP));
        try (Session session = driver.streams().attach(id, LOOK)) {
            engine.kill();
            assertThatThrownBy(session::await).isInstanceOf(IOException.class).hasMessageContaining("attachment was ended");
        }
        engine.startAgain();
        assertThat(runs(id, "sleep 1000")).isTrue();
    }

    // ---- logs and limits

    @Test
    void theLogIsALinkToTheEnginesAndIsNotReopened() throws Exception {
        SandboxSpec pod = pod();
        String id = run(pod, shell("echo one; " + SLEEP));
        Path log = logs().resolve(pod.id()).resolve(id + ".log");
        assertThat(Files.readSymbolicLink(log)).startsWith(engine.docker().dataRoot());
        Await.until("its output", () -> Files.exists(log) && Files.readString(log).contains("{\"log\":\"one\\n\",\"stream\":\"stdout\""));
        assertThatThrownBy(() -> driver.streams().reopenLog(id)).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
            assertThat(e).hasMessageContaining("max-size").hasMessageContaining("daemon.json");
        });
        driver.removeContainer(id);
        assertThat(Files.isSymbolicLink(log)).isFalse();
    }

    @Test
    void limitsThatTheEngineCannotSetAreRefusedAndNothingChanges() throws Exception {
        String id = run(pod(), shell(SLEEP));
        var limits = LinuxContainerResources.newBuilder().setMemoryLimitInBytes(64 << 20);
        driver.resources().update(id, limits.build());
        assertRefused(id, limits.clone().setMemoryLimitInBytes(-1).build(), Failure.Kind.UNSUPPORTED);
        assertRefused(id, limits.clone().setMemoryLimitInBytes(4096).build(), Failure.Kind.FAILED);
        assertRefused(id, limits.clone().setCpusetCpus("4000").build(), Failure.Kind.FAILED);
        assertThat(driver.inspect(id).get()).contains("\"limit\":" + (64 << 20));
    }

    private void assertRefused(String id, LinuxContainerResources limits, Failure.Kind kind) {
        assertThatThrownBy(() -> driver.resources().update(id, limits)).isInstanceOfSatisfying(DriverException.class,
                e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind)).hasMessageContaining(id);
    }
}
