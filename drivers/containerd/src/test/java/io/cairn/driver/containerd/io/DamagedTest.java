package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files found otherwise than they were left: the output goes on, and of what is said afterwards nothing is missing. */
@Timeout(300)
class DamagedTest extends OutputFixture {
    private Path run() {
        return spec().directory();
    }

    private void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static void cut(Path file, long lengthBytes) throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(lengthBytes);
        }
    }

    /** What a daemon had written when it was killed, of which its cursor does not know. */
    @Test
    void linesTheCursorDoesNotKnowAreFoundInTheLogAndHalfALineIsWrittenAnew() throws Exception {
        try (var shim = new FakeShim(open().paths())) {
            shim.say("one\n");
            awaitOut("one\n");
            byte[] cursor = Files.readAllBytes(run().resolve("cursor"));
            shim.say("two\nthree\nfour\n");
            awaitOut("one\ntwo\nthree\nfour\n");
            stop();
            Files.write(run().resolve("cursor"), cursor);
            cut(log(), Files.size(log()) - 3);
            start();
            Output output = open();
            shim.say("five\n");
            awaitOut("one\ntwo\nthree\nfour\nfive\n");
            shim.close();
            output.finish();
        }
        assertThat(LogText.of(log()).lines()).isEqualTo(5);
    }

    @Test
    void whatOthersWriteIntoTheLogStaysAndIsNotTakenForOurs() throws Exception {
        try (var shim = new FakeShim(open().paths())) {
            shim.say("one\n");
            awaitOut("one\n");
            stop();
            append(log(), "a stranger's line\n2026-11-26T15:42:29.523924428Z stdout F not said\nhalf a stranger's");
            shim.say("two\n");
            start();
            Output output = open();
            shim.close();
            output.finish();
        }
        assertThat(Files.readAllLines(log())).hasSize(4).last().asString().endsWith(" stdout F two");
    }

    @Test
    void aLogThatIsGoneIsMadeAnew() throws Exception {
        try (var shim = new FakeShim(open().paths())) {
            shim.say("one\n");
            awaitOut("one\n");
            stop();
            Files.delete(log());
            shim.say("two\n");
            start();
            Output output = open();
            awaitOut("two\n");
            shim.close();
            output.finish();
        }
    }

    @Test
    void aLogThatWasCutGoesOnAtItsEnd() throws Exception {
        try (var shim = new FakeShim(open().paths())) {
            shim.say("one\ntwo\n");
            awaitOut("one\ntwo\n");
            stop();
            cut(log(), 0);
            shim.say("three\n");
            start();
            Output output = open();
            awaitOut("three\n");
            shim.close();
            output.finish();
        }
    }

    /** A cursor that says nothing: nothing is lost; what is spooled may come twice. */
    @Test
    void aDamagedCursorLosesNothing() throws Exception {
        var random = new Random(3);
        try (var shim = new FakeShim(open().paths())) {
            shim.say("one\n");
            awaitOut("one\n");
            int lengthBytes = Cursor.BYTES;
            for (int damage = 0; damage < 20; damage++) {
                stop();
                Path cursor = run().resolve("cursor");
                byte[] bytes = Files.readAllBytes(cursor);
                bytes[random.nextInt(lengthBytes)] ^= (byte) (1 + random.nextInt(255));
                Files.write(cursor, damage % 3 == 0 ? java.util.Arrays.copyOf(bytes, 1 + random.nextInt(lengthBytes - 1)) : bytes);
                String said = "after damage " + damage + "\n";
                shim.say(said);
                start();
                open();
                Await.until(said, PATIENCE, () -> LogText.growing(log()).out().endsWith(said));
            }
            shim.close();
            open().finish();
        }
        assertThat(LogText.of(log()).out()).startsWith("one\n").contains("after damage 0\n", "after damage 18\n");
    }

    @Test
    void aSpoolThatIsCutOrGoneIsBegunAnew() throws Exception {
        var expected = new StringBuilder();
        try (var shim = new FakeShim(open().paths())) {
            for (int length : new int[] {-1, 0, 1, 3}) {
                String said = "before " + length + "\n";
                shim.say(said);
                expected.append(said);
                awaitOut(expected.toString());
                stop();
                Path spool = run().resolve("stdout.spool");
                if (length < 0) {
                    Files.delete(spool);
                } else {
                    Files.write(spool, "xxxxxxxx".substring(0, length).getBytes(StandardCharsets.US_ASCII));
                }
                start();
                open();
                shim.say("after\n");
                expected.append("after\n");
                awaitOut(expected.toString());
            }
            shim.close();
            open().finish();
        }
    }

    @Test
    void whatIsNoFileOrFifoIsRefusedWithItsName() throws Exception {
        open();
        stop();
        Path fifo = run().resolve("stdout");
        Files.delete(fifo);
        Files.writeString(fifo, "x");
        start();
        org.assertj.core.api.Assertions.assertThatThrownBy(this::open).hasMessageContaining(fifo + " to be a FIFO");
    }

    /** Holders are only there for the case that the daemon is not. */
    @Test
    void aHolderThatWasKilledIsReplaced() throws Exception {
        try (var shim = new FakeShim(open().paths())) {
            shim.say("one\n");
            awaitOut("one\n");
            new ProcessBuilder("kill", "-9", Integer.toString(holders().getFirst())).start().waitFor();
            Await.until("its end", PATIENCE, () -> holders().isEmpty());
            restart();
            Output output = open();
            assertThat(holders()).hasSize(1);
            shim.close();
            output.finish();
        }
    }
}
