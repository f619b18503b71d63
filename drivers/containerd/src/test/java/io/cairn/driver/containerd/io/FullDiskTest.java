package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cairn.testkit.Await;
import io.cairn.testkit.LoopDisk;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A full disk holds the container up and loses nothing. */
@Timeout(300)
class FullDiskTest extends OutputFixture {
    private static final byte[] LAST = "the last words\n".repeat(30_000).getBytes(StandardCharsets.US_ASCII);

    private final ListAppender<ILoggingEvent> told = new ListAppender<>();

    private long toldErrors() {
        return List.copyOf(told.list).stream().filter(event -> event.getLevel() == Level.ERROR).count();
    }

    @Test
    void aFullDiskHoldsTheContainerUpUntilThereIsRoomAgainAndIsToldOnce() throws Exception {
        var logger = (Logger) LoggerFactory.getLogger(Pump.class);
        told.start();
        logger.addAppender(told);
        try (LoopDisk disk = LoopDisk.make(dir, LoopDisk.Type.EXT4, 24 << 20)) {
            Path log = disk.root().resolve("0.log");
            Output output = outputs.open(new OutputSpec("c1", dir.resolve("run/c1"), Option.some(log), false, false, false), task);
            var said = new ByteArrayOutputStream();
            var shim = new FakeShim(output.paths());
            var full = new CountDownLatch(1);
            CompletableFuture<Void> writing = write(shim, said, full);
            Await.until("the log to grow", PATIENCE, () -> Files.size(log) > 1 << 20);
            disk.fill();
            full.countDown();
            Await.until("the operator to be told", PATIENCE, () -> toldErrors() > 0);
            assertThat(told.list.getFirst().getFormattedMessage()).contains("container c1", "ENOSPC", log.toString());
            assertThat(writing.isDone()).as("the container waits").isFalse();
            disk.free();
            writing.get();
            assertThat(toldErrors()).isEqualTo(1);
            awaitLength(log, said.size());

            disk.fill();
            said.writeBytes(LAST);
            shim.say(LAST);
            shim.close();
            assertThat(output.finish()).as("cannot end").isFalse();
            assertThat(toldErrors()).isEqualTo(2);
            disk.free();
            Await.until("the end", PATIENCE, output::finish);
            LogText.assertSame(LogText.of(log).stdout(), said.toByteArray(), "stdout over a full disk");
            assertThat(toldErrors()).isEqualTo(2);
            System.out.printf("%d bytes came into the log of a disk that was full twice%n", said.size());
            outputs.remove("c1", dir.resolve("run/c1"));
        } finally {
            logger.detachAppender(told);
        }
    }

    private static void awaitLength(Path log, int bytes) throws Exception {
        Await.until("the log to be complete", PATIENCE, () -> LogText.growing(log).stdout().length == bytes);
    }

    /** A part of it when the disk is full, for which a writer does not wait by itself. */
    private static CompletableFuture<Void> write(FakeShim shim, ByteArrayOutputStream said, CountDownLatch full) {
        return CompletableFuture.runAsync(() -> {
            var random = new Random(5);
            write(shim, said, random, 2 << 20);
            try {
                full.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            write(shim, said, random, 8 << 20);
        });
    }

    private static void write(FakeShim shim, ByteArrayOutputStream said, Random random, int until) {
        while (said.size() < until) {
            byte[] piece = OutputTest.piece(random);
            said.writeBytes(piece);
            shim.say(piece);
        }
    }
}
