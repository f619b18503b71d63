package io.cairn.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A response body that is read as a stream and fails when no byte arrives for a while: the JDK's request time-out ends
 * with the head of the response, and its own stream waits for ever.
 *
 * <p>At most one batch of buffers is asked for at a time, so a fast sender does not fill the memory. Read by one thread.
 */
final class StallingBody extends InputStream implements BodySubscriber<InputStream> {
    private sealed interface Signal {}

    private record Bytes(List<ByteBuffer> buffers) implements Signal {}

    private record End() implements Signal {}

    private record Failed(Throwable cause) implements Signal {}

    private final int stallTimeoutMillis;
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final CompletableFuture<InputStream> body = new CompletableFuture<>();
    private final Queue<ByteBuffer> ready = new ArrayDeque<>();
    private volatile Flow.Subscription subscription;
    private boolean ended;
    private boolean asked;

    StallingBody(int stallTimeoutMillis) {
        this.stallTimeoutMillis = stallTimeoutMillis;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        body.complete(this);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        signals.add(new Bytes(buffers));
    }

    @Override
    public void onError(Throwable cause) {
        signals.add(new Failed(cause));
        body.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
        signals.add(new End());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (ready.isEmpty()) {
            if (ended) {
                return -1;
            }
            next();
        }
        ByteBuffer first = ready.peek();
        int count = Math.min(length, first.remaining());
        first.get(target, offset, count);
        if (!first.hasRemaining()) {
            ready.remove();
        }
        return count;
    }

    private void next() throws IOException {
        if (!asked) {
            subscription.request(1);
            asked = true;
        }
        switch (await()) {
            case Bytes(List<ByteBuffer> buffers) -> {
                asked = false;
                buffers.stream().filter(ByteBuffer::hasRemaining).forEach(ready::add);
            }
            case End() -> ended = true;
            case Failed(Throwable cause) -> {
                ended = true;
                throw new IOException(cause.getMessage(), cause);
            }
        }
    }

    private Signal await() throws IOException {
        try {
            Signal signal = signals.poll(stallTimeoutMillis, TimeUnit.MILLISECONDS);
            if (signal != null) {
                return signal;
            }
            close();
            throw new HttpTimeoutException("no byte arrived for " + stallTimeoutMillis + " ms");
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading");
        }
    }

    /** Gives the connection up if the body has not been read to its end. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            ready.clear();
            subscription.cancel();
        }
    }
}
