package io.cairn.driver.containerd;

import com.google.protobuf.UnsafeByteOperations;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.content.ContentGrpc;
import io.cairn.driver.containerd.proto.content.WriteAction;
import io.cairn.driver.containerd.proto.content.WriteContentRequest;
import io.cairn.driver.containerd.proto.content.WriteContentResponse;
import io.cairn.images.Arrival;
import io.cairn.images.registry.Digest;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.vavr.collection.Map;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob on its way into containerd's content store: each piece is answered before the next one goes. It is there once
 * {@link #arrived} has returned, and containerd has checked its digest by then; closed before, nothing of it stays. Belongs to one
 * thread.
 */
final class Ingest implements Arrival<Digest> {
    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);
    /** A blob may come as slowly as it likes; what limits it is how long nothing comes. */
    private static final Duration ALL = Duration.ofDays(1);
    /** containerd syncs at the commit, and a disk in trouble takes long. */
    private static final long ANSWER_SECONDS_MAX = 120;

    private final Content content;
    private final Digest digest;
    private final long sizeBytes;
    private final Map<String, String> labels;
    private final String ref;
    private final LongConsumer received;
    private final Consumer<DriverException> trouble;
    private final BlockingClientCall<WriteContentRequest, WriteContentResponse> call;
    private long offset;
    private boolean there;

    private Ingest(Content content, Digest digest, long sizeBytes, Map<String, String> labels, String lease, LongConsumer received,
            Consumer<DriverException> trouble) {
        this.content = content;
        this.digest = digest;
        this.sizeBytes = sizeBytes;
        this.labels = labels;
        // Of its own for each attempt: containerd lets one writer only at a name.
        this.ref = Content.REF_PREFIX + UUID.randomUUID() + "-" + digest;
        this.received = received;
        this.trouble = trouble;
        this.call = ContentGrpc.newBlockingV2Stub(content.containerd().channel()).withOption(Connection.LEASE, lease).withDeadlineAfter(ALL)
                .write();
    }

    /**
     * Begins to write.
     *
     * @param received told the length so far
     * @param trouble told what containerd says when it fails
     */
    static Ingest open(Content content, Digest digest, long sizeBytes, Map<String, String> labels, String lease, LongConsumer received,
            Consumer<DriverException> trouble) throws DriverException, IOException {
        content.containerd().awaitTransport("write content " + digest);
        var ingest = new Ingest(content, digest, sizeBytes, labels, lease, received, trouble);
        try {
            ingest.exchange(WriteContentRequest.newBuilder().setAction(WriteAction.STAT));
        } catch (IOException e) {
            ingest.close();
            throw e;
        }
        return ingest;
    }

    /** Another client of this containerd had it: no byte need come. */
    boolean isThere() {
        return there;
    }

    @Override
    public void restart() {
        // containerd cuts off what it has when a piece for the beginning comes.
        offset = 0;
        received.accept(0);
    }

    @Override
    public void write(byte[] bytes, int length) throws IOException {
        if (there || length == 0) {
            return;
        }
        WriteContentResponse answer = exchange(WriteContentRequest.newBuilder().setAction(WriteAction.WRITE).setOffset(offset)
                .setData(UnsafeByteOperations.unsafeWrap(Arrays.copyOf(bytes, length))));
        if (!there && answer.getOffset() != offset + length) {
            throw new IOException("Expected containerd to have %d bytes of %s, but it has %d".formatted(offset + length, digest, answer.getOffset()));
        }
        offset += length;
        received.accept(offset);
    }

    @Override
    public Digest arrived() throws IOException {
        if (!there) {
            exchange(WriteContentRequest.newBuilder().setAction(WriteAction.COMMIT).setOffset(offset).putAllLabels(labels.toJavaMap()));
            there = true;
        }
        return digest;
    }

    private WriteContentResponse exchange(WriteContentRequest.Builder request) throws IOException {
        request.setRef(ref).setTotal(sizeBytes).setExpected(digest.toString());
        try {
            call.write(request.build(), ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            WriteContentResponse answer = call.read(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            if (answer == null) {
                throw new IOException("containerd ended the writing of %s without a word".formatted(digest));
            }
            return answer;
        } catch (StatusException e) {
            if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
                there = true;
                return WriteContentResponse.getDefaultInstance();
            }
            DriverException failure = content.containerd().failure("write content " + digest, e);
            trouble.accept(failure);
            throw new ContentPlace.Passing(failure);
        } catch (TimeoutException e) {
            throw new IOException("containerd at %s has not taken a piece of %s within %d s".formatted(content.containerd().socket(), digest,
                    ANSWER_SECONDS_MAX), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    @Override
    public void close() {
        call.cancel("done", null);
        if (there) {
            return;
        }
        try {
            content.abort(ref);
        } catch (DriverException e) {
            // Taken away at the next start.
            LOG.warn("{}", e.getMessage());
        }
    }
}
