package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.testkit.Await;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way of a container's output into its log. */
@Timeout(300)
class OutputTest extends OutputFixture {
    @Test
    void eachOutputComesIntoTheLogUnderItsNameInItsOrder() throws Exception {
        Output output = open();
        try (var shim = new FakeShim(output.paths())) {
            shim.say("one\ntwo\n");
            shim.complain("oh\n");
            shim.say("\nlast without a line feed");
        }
        assertThat(output.finish()).isTrue();
        LogText log = LogText.of(log());
        assertThat(log.out()).isEqualTo("one\ntwo\n\nlast without a line feed");
        assertThat(log.err()).isEqualTo("oh\n");
        assertThat(Files.readAllLines(log())).filteredOn(line -> line.endsWith(" P last without a line feed")).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log()))).isEqualTo("rw-r-----");
    }

    @Test
    void aPromptIsInTheLogBeforeItsLineEnds() throws Exception {
        Output output = open();
        try (var shim = new FakeShim(output.paths())) {
            shim.say("Password: ");
            awaitOut("Password: ");
            shim.say("given\n");
            awaitOut("Password: given\n");
        }
        output.finish();
    }

    @Test
    void longLinesAreCutAsTheCriHasIt() throws Exception {
        Output output = open();
        String line = "0123456789abcdef".repeat(2000);
        try (var shim = new FakeShim(output.paths())) {
            shim.say(line + "\n");
        }
        output.finish();
        assertThat(LogText.of(log()).out()).isEqualTo(line + "\n");
        assertThat(Files.readAllLines(log())).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(LogLines.LINE_BYTES_MAX))
                .filteredOn(l -> l.contains(" F ")).hasSize(1);
    }

    @Test
    void aTerminalHasOneOutput() throws Exception {
        var spec = new OutputSpec("c1", dir.resolve("run/c1"), Option.some(log()), true, true, false);
        Output output = outputs.open(spec, task);
        assertThat(output.paths().stderr()).isEmpty();
        try (var shim = new FakeShim(output.paths())) {
            shim.say("$ ls\r\na b\r\n$ ");
        }
        output.finish();
        assertThat(LogText.of(log()).out()).isEqualTo("$ ls\r\na b\r\n$ ");
    }

    @Test
    void withoutALogTheOutputIsDroppedAndNobodyWaits() throws Exception {
        var spec = new OutputSpec("c1", dir.resolve("run/c1"), Option.none(), false, false, false);
        Output output = outputs.open(spec, task);
        try (var shim = new FakeShim(output.paths())) {
            shim.stdout().write(new byte[8 << 20]);
        }
        assertThat(output.finish()).isTrue();
        assertThat(Files.size(dir.resolve("run/c1/stdout.spool"))).isLessThanOrEqualTo(2 << 20);
    }

    @Test
    void whatABusyContainerSaysIsAllThereAndTheSpoolStaysSmall() throws Exception {
        Output output = open();
        var random = new Random(7);
        var said = new ByteArrayOutputStream();
        try (var shim = new FakeShim(output.paths())) {
            for (int i = 0; i < 2000; i++) {
                byte[] piece = piece(random);
                said.writeBytes(piece);
                shim.stdout().write(piece);
            }
        }
        assertThat(output.finish()).isTrue();
        LogText.assertSame(LogText.of(log()).stdout(), said.toByteArray(), "stdout");
        assertThat(Files.size(dir.resolve("run/c1/stdout.spool"))).isLessThanOrEqualTo(Spool.FILE_BYTES_MAX + Spool.BACKLOG_BYTES_MAX);
        System.out.printf("%d bytes came into the log%n", said.size());
    }

    /** Mostly lines, some binary, some long. */
    static byte[] piece(Random random) {
        byte[] piece = new byte[1 + random.nextInt(random.nextInt(20) == 0 ? 40_000 : 4_000)];
        random.nextBytes(piece);
        for (int i = 0; i < piece.length; i++) {
            if (random.nextInt(60) == 0) {
                piece[i] = '\n';
            }
        }
        return piece;
    }

    @Test
    void aWriterWhoStaysBehindHoldsNobodyUp() throws Exception {
        Output output = open();
        try (var escaped = new FakeShim(output.paths())) {
            escaped.say("before\n");
            assertThat(output.finish()).isTrue();
            assertThat(LogText.of(log()).out()).isEqualTo("before\n");
        }
    }

    @Test
    void aWriterWhoStaysBehindAndIsNeverSilentHoldsNobodyUpForLong() throws Exception {
        Output output = open();
        var escaped = new FakeShim(output.paths());
        var writing = CompletableFuture.runAsync(() -> writeForEver(escaped));
        Await.until("output", PATIENCE, () -> Files.exists(log()) && Files.size(log()) > 1000);
        assertThat(output.finish()).isTrue();
        // Nobody reads any more: whoever writes waits, or is told.
        escaped.close();
        writing.handle((nothing, error) -> nothing).get();
    }

    private static void writeForEver(FakeShim shim) {
        while (true) {
            shim.say("still here\n".repeat(64));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Test
    void anOutputThatIsClosedAndOpenedAgainByTheProgramGoesOn() throws Exception {
        Output output = open();
        try (var shim = new FakeShim(output.paths())) {
            shim.say("a\n");
        }
        awaitOut("a\n");
        try (var shim = new FakeShim(output.paths())) {
            shim.say("b\n");
            awaitOut("a\nb\n");
        }
        output.finish();
    }

    // ---- a daemon that is not there

    @Test
    void whatIsSaidWhileTheDaemonIsDownIsReadLaterThoughTheContainerHasEnded() throws Exception {
        StdioPaths paths = open().paths();
        stop();
        byte[] said = "0123456789abcde\n".repeat(64 * 1024).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (var shim = new FakeShim(paths)) {
            shim.stdout().write(said);
            shim.complain("the end\n");
        }
        start();
        assertThat(holders()).hasSize(1);
        assertThat(open().finish()).isTrue();
        LogText.assertSame(LogText.of(log()).stdout(), said, "1 MiB without a daemon");
        assertThat(LogText.of(log()).err()).isEqualTo("the end\n");
        Await.until("the holder to end", PATIENCE, () -> holders().isEmpty());
        restart();
        assertThat(open().finish()).as("finished before").isTrue();
        assertThat(holders()).isEmpty();
        LogText.assertSame(LogText.of(log()).stdout(), said, "once");
    }

    @Test
    void oneHolderServesAllDaemons() throws Exception {
        open();
        for (int i = 0; i < 3; i++) {
            restart();
            open();
        }
        assertThat(holders()).hasSize(1);
    }

    @Test
    void openedTwiceItIsTheSame() throws Exception {
        Output output = open();
        assertThat(open()).isSameAs(output);
        assertThat(outputs.find("c1").get()).isSameAs(output);
        assertThat(outputs.find("c2").isEmpty()).isTrue();
    }

    // ---- rotation

    private Path moveAway(int number) throws Exception {
        return Files.move(log(), dir.resolve("0.log.2026-" + number));
    }

    @Test
    void aLogThatIsReopenedGoesOnInANewFile() throws Exception {
        Output output = open();
        try (var shim = new FakeShim(output.paths())) {
            shim.say("old\n");
            output.reopenLog();
            Path old = moveAway(1);
            shim.say("also old\n");
            output.reopenLog();
            assertThat(LogText.of(old).out()).isEqualTo("old\nalso old\n");
            shim.say("new\n");
            awaitOut("new\n");
            output.reopenLog();
            assertThat(LogText.of(old).lines()).isEqualTo(2);
        }
        output.finish();
    }

    @Test
    void aLogThatWasMovedWhileTheDaemonWasDownGoesOnWhereverItIs() throws Exception {
        StdioPaths paths = open().paths();
        try (var shim = new FakeShim(paths)) {
            shim.say("one\n");
            awaitOut("one\n");
            stop();
            Path old = moveAway(1);
            shim.say("two\n");
            start();
            Output output = open();
            Await.until("two", PATIENCE, () -> LogText.growing(old).out().equals("one\ntwo\n"));
            output.reopenLog();
            shim.say("three\n");
            awaitOut("three\n");
            stop();
            Path second = moveAway(2);
            Files.createFile(log());
            shim.say("four\n");
            start();
            open();
            awaitOut("four\n");
            assertThat(LogText.of(List.of(old, second, log())).out()).isEqualTo("one\ntwo\nthree\nfour\n");
        }
        open().finish();
    }

    @Test
    void nothingIsLostWhenTheLogIsMovedUnderABusyContainer() throws Exception {
        Output output = open();
        var said = new ByteArrayOutputStream();
        var files = new java.util.ArrayList<Path>();
        try (var shim = new FakeShim(output.paths())) {
            var writing = CompletableFuture.runAsync(() -> {
                var random = new Random(11);
                while (said.size() < 60 << 20) {
                    byte[] piece = piece(random);
                    said.writeBytes(piece);
                    shim.say(piece);
                }
            });
            while (!writing.isDone()) {
                files.add(moveAway(100 + files.size()));
                output.reopenLog();
            }
            writing.get();
        }
        output.finish();
        files.add(log());
        LogText.assertSame(LogText.of(files).stdout(), said.toByteArray(), "stdout over " + files.size() + " files");
        System.out.printf("%d bytes came into %d files%n", said.size(), files.size());
    }

    @Test
    void aLogThatCannotBeReopenedGoesOnAsItIs() throws Exception {
        Path logs = Files.createDirectory(dir.resolve("logs"));
        var spec = new OutputSpec("c1", dir.resolve("run/c1"), Option.some(logs.resolve("0.log")), false, false, false);
        Output output = outputs.open(spec, task);
        try (var shim = new FakeShim(output.paths())) {
            Path away = Files.move(logs, dir.resolve("away"));
            assertThatThrownBy(output::reopenLog).hasMessageContaining(logs + " is not there");
            shim.say("still\n");
            Await.until("the line", PATIENCE, () -> LogText.growing(away.resolve("0.log")).out().equals("still\n"));
        }
        output.finish();
    }

    @Test
    void aLinkIsNeverFollowed() throws Exception {
        Path victim = Files.writeString(dir.resolve("victim"), "untouched");
        Files.createSymbolicLink(log(), victim);
        assertThatThrownBy(this::open).hasMessageContaining("ELOOP");
        Files.delete(log());
        Output output = open();
        try (var shim = new FakeShim(output.paths())) {
            Path old = moveAway(1);
            Files.createSymbolicLink(log(), victim);
            assertThatThrownBy(output::reopenLog).hasMessageContaining("ELOOP");
            shim.say("to the old one\n");
            Await.until("the line", PATIENCE, () -> LogText.growing(old).out().equals("to the old one\n"));
        }
        output.finish();
        assertThat(Files.readString(victim)).isEqualTo("untouched");
    }
}
