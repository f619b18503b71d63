package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.RegistryFailure;
import io.cairn.images.registry.RegistrySession;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The downloads of one pull: a few at a time, in the order they were asked for; the first failure ends all. Belongs to one thread.
 *
 * @param <T> how a blob is found where it is kept
 */
public final class LayerFetch<T> implements AutoCloseable {
    private final RegistrySession session;
    private final BlobPlace<T> place;
    private final PullProgress progress;
    private final String subject;
    private final ExecutorService threads;
    private final Map<Digest, CompletableFuture<Either<PullFailure, T>>> running = new HashMap<>();
    private final CompletableFuture<Either<PullFailure, T>> firstFailure = new CompletableFuture<>();

    /** @param subject what is pulled, for messages */
    public LayerFetch(RegistrySession session, BlobPlace<T> place, PullProgress progress, String subject) {
        this.session = session;
        this.place = place;
        this.progress = progress;
        this.subject = subject;
        this.threads = Executors.newFixedThreadPool(session.options().parallelLayers(), Thread.ofVirtual().name("layer-download-", 0).factory());
    }

    /** @param key what {@link #await} will ask for */
    public void start(Digest key, Descriptor blob) {
        running.put(key, CompletableFuture.supplyAsync(() -> download(blob), threads));
    }

    /** Waits for a download that was started. It is the caller's now. */
    public Either<PullFailure, T> await(Digest key) throws InterruptedException {
        try {
            CompletableFuture.anyOf(running.get(key), firstFailure).get();
            return running.get(key).isDone() ? running.get(key).get() : firstFailure.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Expected a download to end with a result, but it threw", e.getCause());
        }
    }

    private Either<PullFailure, T> download(Descriptor blob) {
        Either<PullFailure, T> result = transfer(blob);
        if (result.isLeft()) {
            firstFailure.complete(result);
        }
        return result;
    }

    private Either<PullFailure, T> transfer(Descriptor blob) {
        try {
            Option<T> there = place.find(blob);
            return there.isDefined() ? Either.right(there.get()) : receive(blob);
        } catch (IOException e) {
            return Either.left(new PullFailure.Local(subject, place.failed(StoreFailure.reason(e))));
        }
    }

    private Either<PullFailure, T> receive(Descriptor blob) throws IOException {
        try (Arrival<T> arrival = place.open(blob, received -> progress.downloaded(blob.digest(), received, blob.sizeBytes()))) {
            Either<RegistryFailure, Long> length = session.download(blob, arrival);
            return length.isLeft() ? Either.left(failure(length.getLeft())) : Either.right(arrival.arrived());
        }
    }

    private PullFailure failure(RegistryFailure failure) {
        return switch (failure.kind()) {
            case LOCAL -> new PullFailure.Local(subject, place.failed(failure.detail()));
            case CANCELLED -> new PullFailure.Cancelled(subject);
            case NOT_FOUND, UNAUTHORIZED, UNAVAILABLE, INVALID_CONTENT, UNSUPPORTED, TOO_LARGE, CONFIGURATION ->
                    new PullFailure.FromRegistry(failure);
        };
    }

    /** Ends what still runs and deletes what nobody took. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
        running.values().forEach(download -> {
            if (download.isDone() && !download.isCompletedExceptionally()) {
                download.join().forEach(place::discard);
            }
        });
    }
}
