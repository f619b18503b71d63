package io.cairn.driver.docker.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipeTest {
    private static final byte[] PIECE = "0123456789".getBytes(StandardCharsets.US_ASCII);
    private final Pipe pipe = new Pipe(25);

    private CompletableFuture<Boolean> put(long idleNanosMax) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return pipe.put(PIECE, idleNanosMax);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }, Thread::startVirtualThread);
    }

    private void fill() throws InterruptedException {
        assertThat(pipe.put(PIECE, 0)).isTrue();
        assertThat(pipe.put(PIECE, 0)).isTrue();
    }

    @Test
    void whatIsPutIsReadInOrderAndThenComesTheEnd() throws Exception {
        fill();
        pipe.end();
        assertThat(new String(pipe.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("01234567890123456789");
        assertThat(pipe.read()).isEqualTo(-1);
    }

    @Test
    void aPieceOfAnySizeFitsIntoAnEmptyPipe() throws Exception {
        assertThat(pipe.put(new byte[1000], 0)).isTrue();
        assertThat(pipe.available()).isEqualTo(1000);
    }

    @Test
    void whoHasNoPatienceIsToldAtOnceThatThereIsNoRoom() throws Exception {
        fill();
        assertThat(pipe.put(PIECE, 0)).isFalse();
        assertThat(pipe.available()).isEqualTo(20);
    }

    @Test
    void whoIsPatientWaitsUntilSomethingIsTaken() throws Exception {
        fill();
        CompletableFuture<Boolean> waiting = put(Pipe.PATIENT);
        assertThat(pipe.readNBytes(7)).hasSize(7);
        assertThat(waiting.get()).isTrue();
        pipe.end();
        assertThat(pipe.readAllBytes()).hasSize(23);
    }

    @Test
    void whoWaitsForAReaderThatTakesNothingGivesUp() throws Exception {
        fill();
        assertThat(put(TimeUnit.MILLISECONDS.toNanos(20)).get()).isFalse();
    }

    @Test
    void aReaderWhoIsGoneHoldsNobodyUp() throws Exception {
        fill();
        CompletableFuture<Boolean> waiting = put(Pipe.PATIENT);
        pipe.close();
        assertThat(waiting.get()).isTrue();
        assertThat(pipe.put(PIECE, 0)).isTrue();
        assertThat(pipe.available()).isZero();
        assertThat(pipe.read()).isEqualTo(-1);
    }

    @Test
    void aReaderWhoWaitsHearsOfEndAndGoodbye() throws Exception {
        CompletableFuture<Integer> waiting = read();
        pipe.end();
        assertThat(waiting.get()).isEqualTo(-1);

        var other = new Pipe(10);
        CompletableFuture<Integer> silenced = CompletableFuture.supplyAsync(() -> readOne(other), Thread::startVirtualThread);
        other.giveUpAfter(5);
        assertThat(silenced.get()).isEqualTo(-1);
    }

    @Test
    void whatIsThereIsReadThoughNothingMoreIsWaitedFor() throws Exception {
        fill();
        pipe.giveUpAfter(0);
        assertThat(pipe.readAllBytes()).hasSize(20);
    }

    private CompletableFuture<Integer> read() {
        return CompletableFuture.supplyAsync(() -> readOne(pipe), Thread::startVirtualThread);
    }

    private static int readOne(Pipe pipe) {
        try {
            return pipe.read();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
