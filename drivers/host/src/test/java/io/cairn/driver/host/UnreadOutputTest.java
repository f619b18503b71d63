package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.driver.host.UnreadOutput.Limit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UnreadOutputTest {
    private static final byte[] PIECE = "0123456789".getBytes(StandardCharsets.US_ASCII);
    private static final long PATIENT = UnreadOutput.PATIENT;

    private final UnreadOutput output = new UnreadOutput(Limit.bytes(25));
    private final AtomicInteger told = new AtomicInteger();
    private final UnreadOutput unlimited = new UnreadOutput(told::incrementAndGet);

    private static CompletableFuture<Boolean> put(UnreadOutput output, long idleNanosMax) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return output.put(PIECE, idleNanosMax);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }, Thread::startVirtualThread);
    }

    private static CompletableFuture<Integer> read(InputStream output) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return output.read();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }, Thread::startVirtualThread);
    }

    private void fill() throws InterruptedException {
        assertThat(output.put(PIECE, 0)).isTrue();
        assertThat(output.put(PIECE, 0)).isTrue();
    }

    @Test
    void whatIsPutIsReadInOrderAndThenComesTheEnd() throws Exception {
        fill();
        output.end();
        assertThat(new String(output.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("01234567890123456789");
        assertThat(output.read()).isEqualTo(-1);
        assertThat(output.put(PIECE, PATIENT)).isTrue();
        assertThat(output.read()).as("what comes after the end").isEqualTo(-1);
    }

    @Test
    void everyByteComesThroughWhateverThePiecesAndTheReadsAre() throws Exception {
        for (Limit limit : new Limit[] {Limit.bytes(1000), Limit.pieces(3)}) {
            var random = new Random(7);
            byte[] said = new byte[200_000];
            random.nextBytes(said);
            var carried = new UnreadOutput(limit);
            var writing = CompletableFuture.runAsync(() -> bring(said, carried), Thread::startVirtualThread);
            byte[] got = new byte[said.length];
            int at = 0;
            for (int count = 0; count >= 0 && at < got.length; at += Math.max(0, count)) {
                count = carried.read(got, at, Math.min(1 + random.nextInt(700), got.length - at));
            }
            writing.get();
            assertThat(Arrays.equals(got, said)).isTrue();
            assertThat(carried.read()).isEqualTo(-1);
        }
    }

    private static void bring(byte[] said, UnreadOutput carried) {
        var random = new Random(8);
        try {
            for (int from = 0; from < said.length;) {
                int to = Math.min(said.length, from + random.nextInt(1500));
                assertThat(carried.put(Arrays.copyOfRange(said, from, to), PATIENT)).isTrue();
                from = to;
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            carried.end();
        }
    }

    // ---- who fills it waits

    @Test
    void aPieceOfAnySizeFitsWhereNothingWaits() throws Exception {
        assertThat(output.put(new byte[1000], 0)).isTrue();
        assertThat(output.available()).isEqualTo(1000);
        assertThat(output.put(new byte[1], 0)).isFalse();
    }

    @Test
    void whoHasNoPatienceIsToldAtOnceThatThereIsNoRoom() throws Exception {
        fill();
        assertThat(output.put(PIECE, 0)).isFalse();
        assertThat(output.heldBytes()).isEqualTo(20);
    }

    @Test
    void whoIsPatientWaitsUntilSomethingIsTaken() throws Exception {
        fill();
        CompletableFuture<Boolean> waiting = put(output, PATIENT);
        assertThat(output.readNBytes(4)).hasSize(4);
        assertThat(output.put(PIECE, 0)).as("16 of 25 bytes wait").isFalse();
        assertThat(output.readNBytes(1)).hasSize(1);
        assertThat(waiting.get()).isTrue();
        output.end();
        assertThat(output.readAllBytes()).hasSize(25);
    }

    @Test
    void aLimitOfPiecesMakesRoomWhenOneIsReadToItsEnd() throws Exception {
        var pieces = new UnreadOutput(Limit.pieces(2));
        assertThat(pieces.put(new byte[1000], 0)).isTrue();
        assertThat(pieces.put(PIECE, 0)).isTrue();
        CompletableFuture<Boolean> waiting = put(pieces, PATIENT);
        assertThat(pieces.readNBytes(999)).hasSize(999);
        assertThat(pieces.put(PIECE, 0)).isFalse();
        assertThat(pieces.read()).isZero();
        assertThat(waiting.get()).isTrue();
    }

    @Test
    void whoWaitsForAReaderThatTakesNothingGivesUp() throws Exception {
        fill();
        assertThat(put(output, TimeUnit.MILLISECONDS.toNanos(20)).get()).isFalse();
        assertThat(output.heldBytes()).isEqualTo(20);
    }

    @Test
    void aReaderWhoIsGoneHoldsNobodyUp() throws Exception {
        fill();
        CompletableFuture<Boolean> waiting = put(output, PATIENT);
        output.close();
        assertThat(waiting.get()).isTrue();
        assertThat(output.put(PIECE, 0)).isTrue();
        assertThat(output.available()).isZero();
        assertThat(output.read()).isEqualTo(-1);
    }

    // ---- who fills it cannot wait

    @Test
    void whatIsPutAtOnceFindsRoomAndWhatWaitsIsCounted() throws Exception {
        unlimited.putAtOnce(new byte[3 << 20]);
        unlimited.putAtOnce(PIECE);
        assertThat(unlimited.heldBytes()).isEqualTo((3 << 20) + 10);
        assertThat(unlimited.readNBytes(3 << 20)).hasSize(3 << 20);
        assertThat(unlimited.heldBytes()).isEqualTo(10);
        unlimited.end();
        unlimited.putAtOnce(PIECE);
        assertThat(unlimited.readAllBytes()).isEqualTo(PIECE);
        unlimited.close();
        unlimited.putAtOnce(PIECE);
        assertThat(unlimited.heldBytes()).isZero();
    }

    @Test
    void eachReadAndTheGoodbyeAreTold() throws Exception {
        unlimited.putAtOnce(PIECE);
        assertThat(told).as("what came is no news for who brought it").hasValue(0);
        assertThat(unlimited.read(new byte[4])).isEqualTo(4);
        assertThat(told).hasValue(1);
        assertThat(unlimited.read(new byte[0])).isZero();
        assertThat(told).as("nothing was read").hasValue(1);
        unlimited.close();
        assertThat(told).hasValue(2);
    }

    @Test
    void idleIsTheTimeSinceTheLastReadOrSinceThereIsSomethingToRead() throws Exception {
        assertThat(unlimited.idleNanos()).as("there is nothing to take").isZero();
        long beforeFirst = System.nanoTime();
        unlimited.putAtOnce(PIECE);
        long afterFirst = System.nanoTime();
        unlimited.putAtOnce(PIECE);
        long beforeLook = System.nanoTime();
        assertThat(unlimited.idleNanos()).as("what comes on top changes nothing")
                .isBetween(beforeLook - afterFirst, System.nanoTime() - beforeFirst);
        long beforeRead = System.nanoTime();
        assertThat(unlimited.read()).isEqualTo('0');
        assertThat(unlimited.idleNanos()).isLessThanOrEqualTo(System.nanoTime() - beforeRead);
        unlimited.close();
        assertThat(unlimited.idleNanos()).isZero();
    }

    // ---- who reads it waits

    @Test
    void aReaderWhoWaitsHearsOfEndSilenceAndGoodbye() throws Exception {
        CompletableFuture<Integer> waiting = read(output);
        output.end();
        assertThat(waiting.get()).isEqualTo(-1);

        var silent = new UnreadOutput(Limit.bytes(10));
        CompletableFuture<Integer> silenced = read(silent);
        silent.giveUpAfter(5);
        assertThat(silenced.get()).isEqualTo(-1);

        CompletableFuture<Integer> leaving = read(unlimited);
        unlimited.close();
        assertThat(leaving.get()).isEqualTo(-1);
    }

    @Test
    void whatIsThereIsReadThoughNothingMoreIsWaitedFor() throws Exception {
        fill();
        output.giveUpAfter(0);
        assertThat(output.readAllBytes()).hasSize(20);
    }

    @Test
    void aReaderWhoIsInterruptedStaysSo() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(output::read).isInstanceOf(IOException.class).hasMessage("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }
}
