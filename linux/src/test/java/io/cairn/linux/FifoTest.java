package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.PlainFile.Writing;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel promises about FIFOs, and what is built on it. */
@Timeout(120)
class FifoTest {
    @TempDir
    Path dir;
    private final Semaphore news = new Semaphore(0);
    private Poller poller;
    private Path path;
    private Fifo fifo;
    private PlainFile file;

    @BeforeEach
    void open() throws Exception {
        poller = Poller.open();
        path = dir.resolve("fifo");
        Fifo.make(path, 0600);
        fifo = Fifo.openToRead(poller, path, news::release);
        file = PlainFile.openOrCreate(dir.resolve("spool"), 0600, Writing.PLACED);
    }

    @AfterEach
    void close() {
        fifo.close();
        file.close();
        poller.close();
    }

    private void awaitNews() throws Exception {
        fifo.awaitNews();
        assertThat(news.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void bytesGoIntoTheFileAndTheEndIsToldFromNothingYet() throws Exception {
        assertThat(fifo.moveTo(file, 0, 100)).isEqualTo(Fifo.NOBODY_WRITES);
        try (var writer = new FileOutputStream(path.toFile())) {
            assertThat(fifo.moveTo(file, 0, 100)).isEqualTo(Fifo.EMPTY);
            writer.write("one two".getBytes(StandardCharsets.US_ASCII));
            awaitNews();
            assertThat(fifo.moveTo(file, 0, 3)).isEqualTo(3);
            assertThat(fifo.moveTo(file, 3, 100)).isEqualTo(4);
            assertThat(fifo.moveTo(file, 7, 100)).isEqualTo(Fifo.EMPTY);
        }
        awaitNews();
        assertThat(fifo.moveTo(file, 7, 100)).isEqualTo(Fifo.NOBODY_WRITES);
        assertThat(Files.readString(dir.resolve("spool"))).isEqualTo("one two");
    }

    @Test
    void aWriterThatComesAfterTheLastOneHasLeftIsNews() throws Exception {
        new FileOutputStream(path.toFile()).close();
        awaitNews();
        assertThat(isReady()).as("an end for good").isTrue();
        fifo.forgetWriters();
        assertThat(isReady()).isFalse();
        fifo.awaitNews();
        try (var writer = new FileOutputStream(path.toFile())) {
            writer.write('x');
            while (fifo.moveTo(file, 0, 100) != 1) {
                awaitNews();
            }
        }
    }

    private boolean isReady() throws Exception {
        var poll = new Poll();
        int place = poll.add(fifo.descriptor(), Poll.IN);
        poll.await(0);
        return poll.isReady(place);
    }

    @Test
    void anEnlargedPipeTakesSoMuchWithoutAReaderAndAllOfItIsMovedAtOnce() throws Exception {
        int bytes = fifo.enlarge(1 << 20);
        assertThat(bytes).isGreaterThanOrEqualTo(64 * 1024);
        byte[] content = new byte[bytes];
        new Random(1).nextBytes(content);
        try (var writer = new FileOutputStream(path.toFile())) {
            writer.write(content);
            int moved = 0;
            while (moved < bytes) {
                moved += fifo.moveTo(file, moved, bytes);
            }
        }
        assertThat(Arrays.equals(Files.readAllBytes(dir.resolve("spool")), content)).isTrue();
    }

    @Test
    void whatIsInAFifoLivesAsLongAsAnybodyHasItOpen() throws Exception {
        try (var writer = new FileOutputStream(path.toFile()); var holder = new FileInputStream(path.toFile())) {
            writer.write('x');
            fifo.close();
            writer.close();
            fifo = Fifo.openToRead(poller, path, news::release);
            assertThat(fifo.moveTo(file, 0, 100)).isEqualTo(1);
            assertThat(holder.getFD().valid()).isTrue();
        }
    }

    @Test
    void aReaderIsSeenWithoutBeingDisturbed() throws Exception {
        assertThat(Fifo.isRead(path)).isTrue();
        fifo.close();
        assertThat(Fifo.isRead(path)).isFalse();
        fifo = Fifo.openToRead(poller, path, news::release);
    }

    @Test
    void whoWaitsForAFifoToBeOpenedGoesOnWhenItIsDissolved() throws Exception {
        Path leash = dir.resolve("leash");
        Fifo.make(leash, 0600);
        var waiting = CompletableFuture.supplyAsync(() -> readToEnd(leash));
        while (!Fifo.isRead(leash) && !waiting.isDone()) {
            Thread.onSpinWait();
        }
        Fifo.dissolve(leash);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isZero();
        assertThat(leash).doesNotExist();
        Fifo.dissolve(leash);
    }

    private static int readToEnd(Path fifo) {
        try (var in = new FileInputStream(fifo.toFile())) {
            return in.readAllBytes().length;
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void whatIsThereAndNoFifoIsRefused() throws Exception {
        Fifo.make(path, 0600);
        Path other = Files.writeString(dir.resolve("file"), "x");
        assertThatThrownBy(() -> Fifo.make(other, 0600)).isInstanceOf(IOException.class).hasMessageContaining("to be a FIFO");
        assertThatThrownBy(() -> Fifo.openToRead(poller, other, () -> {})).hasMessageContaining("to be a FIFO");
        Path link = Files.createSymbolicLink(dir.resolve("link"), path);
        assertThatThrownBy(() -> Fifo.openToRead(poller, link, () -> {})).hasMessageContaining("ELOOP");
    }

    @Test
    void aDescriptorCarriesAFifoBothWays() throws Exception {
        Path other = dir.resolve("other");
        Fifo.make(other, 0600);
        try (Descriptor in = Descriptor.readFifo(poller, other); Descriptor out = Descriptor.writeFifo(poller, other)) {
            out.write(new byte[] {1, 2, 3}, 0, 3);
            byte[] got = new byte[8];
            assertThat(in.read(got, 0, 8)).isEqualTo(3);
            out.close();
            assertThat(in.read(got, 0, 8)).isEqualTo(-1);
        }
    }
}
