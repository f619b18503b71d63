package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.RegistryFailure;
import io.cairn.images.registry.RegistrySession;
import io.vavr.control.Either;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The downloads of one pull: a few at a time, in the order they were asked for; the first failure ends all. */
final class LayerFetch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LayerFetch.class);

    private final RegistrySession session;
    private final StoreDirs dirs;
    private final PullProgress progress;
    private final String subject;
    private final ExecutorService threads;
    private final Map<Digest, CompletableFuture<Either<PullFailure, Path>>> running = new HashMap<>();
    private final CompletableFuture<Either<PullFailure, Path>> firstFailure = new CompletableFuture<>();

    LayerFetch(RegistrySession session, StoreDirs dirs, PullProgress progress, String subject) {
        this.session = session;
        this.dirs = dirs;
        this.progress = progress;
        this.subject = subject;
        this.threads = Executors.newFixedThreadPool(session.options().parallelLayers(), Thread.ofVirtual().name("layer-download-", 0).factory());
    }

    /** @param key what {@link #await} will ask for */
    void start(Digest key, Descriptor blob) {
        running.put(key, CompletableFuture.supplyAsync(() -> download(blob), threads));
    }

    /** Waits for a download that was started. The file is the caller's to delete. */
    Either<PullFailure, Path> await(Digest key) throws InterruptedException {
        try {
            CompletableFuture.anyOf(running.get(key), firstFailure).get();
            return running.get(key).isDone() ? running.get(key).get() : firstFailure.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Expected a download to end with a result, but it threw", e.getCause());
        }
    }

    private Either<PullFailure, Path> download(Descriptor blob) {
        Path file = dirs.ingest();
        Either<PullFailure, Path> result = download(blob, file);
        if (result.isLeft()) {
            deleteQuietly(file);
            firstFailure.complete(result);
        }
        return result;
    }

    private Either<PullFailure, Path> download(Descriptor blob, Path file) {
        try (var spool = new Spool(file, received -> progress.downloaded(blob.digest(), received, blob.sizeBytes()))) {
            Either<RegistryFailure, Long> length = session.download(blob, spool);
            return length.<PullFailure>mapLeft(this::failure).map(ignored -> file);
        } catch (IOException e) {
            return Either.left(new PullFailure.Local(subject, StoreFailure.storage("writing a layer", file, e)));
        }
    }

    private PullFailure failure(RegistryFailure failure) {
        return switch (failure.kind()) {
            case LOCAL -> new PullFailure.Local(subject, new StoreFailure(StoreFailure.Kind.STORAGE,
                    "writing a layer below %s: %s".formatted(dirs.root, failure.detail())));
            case CANCELLED -> new PullFailure.Cancelled(subject);
            case NOT_FOUND, UNAUTHORIZED, UNAVAILABLE, INVALID_CONTENT, UNSUPPORTED, TOO_LARGE, CONFIGURATION ->
                    new PullFailure.FromRegistry(failure);
        };
    }

    static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Deleted at the next start, as everything in this directory.
            LOG.warn("Cannot delete {}: {}", file, StoreFailure.reason(e));
        }
    }

    /** Ends what still runs and deletes what nobody took. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
        running.values().forEach(download -> {
            if (download.isDone() && !download.isCompletedExceptionally()) {
                download.join().forEach(LayerFetch::deleteQuietly);
            }
        });
    }
}
