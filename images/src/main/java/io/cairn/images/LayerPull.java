package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.RegistrySession;
import io.cairn.linux.FileSystems;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The layers of one pull that are missing: downloaded in parallel, and unpacked from the lowest up, since what lies below tells how a
 * layer is to be unpacked. Belongs to one thread.
 *
 * @param <T> a layer that was downloaded, on its way
 * @param <L> a layer that is there
 */
public final class LayerPull<T, L> {
    private final LayerHome<T, L> home;
    private final RegistrySession session;
    private final FoundImage image;
    private final PullProgress progress;
    private final String subject;
    private Vector<Digest> claimed = Vector.empty();

    public LayerPull(LayerHome<T, L> home, RegistrySession session, FoundImage image, PullProgress progress) {
        this.home = home;
        this.session = session;
        this.image = image;
        this.progress = progress;
        this.subject = image.remote().reference().toString();
    }

    /** Ends the pull; caught in {@link #run} alone. */
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;
        final transient PullFailure failure;

        Failed(PullFailure failure) {
            super(failure.message());
            this.failure = failure;
        }
    }

    /** @return all layers, the lowest first */
    public Either<PullFailure, Vector<L>> run() throws IOException, InterruptedException {
        try (var fetch = new LayerFetch<>(session, home.place(), progress, subject)) {
            return Either.right(layers(fetch));
        } catch (Failed e) {
            return Either.left(e.failure);
        } catch (BadLayerException e) {
            return Either.left(new PullFailure.BadImage(subject, e.getMessage()));
        } finally {
            claimed.forEach(home.jobs()::done);
        }
    }

    private Vector<L> layers(LayerFetch<T> fetch) throws IOException, InterruptedException, Failed {
        claimAndFetch(fetch, image.chainIds());
        Vector<L> ready = Vector.empty();
        while (ready.size() < image.chainIds().size()) {
            int i = ready.size();
            Digest chainId = image.chainIds().get(i);
            Option<L> there = home.ready(chainId);
            if (there.isDefined()) {
                progress.present(image.remote().layers().get(i).digest());
                ready = ready.append(there.get());
            } else if (claimed.contains(chainId)) {
                ready = ready.append(unpack(fetch, chainId, image.config().diffIds().get(i), ready));
                progress.unpacked(image.remote().layers().get(i).digest());
            } else {
                waitFor(home.jobs().running(chainId));
                claimAndFetch(fetch, Vector.of(chainId));
            }
        }
        return ready;
    }

    private void claimAndFetch(LayerFetch<T> fetch, Vector<Digest> wanted) throws IOException, Failed {
        Vector<Digest> missing = Vector.empty();
        for (Digest chainId : wanted) {
            missing = home.ready(chainId).isDefined() ? missing : missing.append(chainId);
        }
        Vector<Digest> mine = home.jobs().claim(missing);
        claimed = claimed.appendAll(mine);
        long bytes = 0;
        for (Digest chainId : mine) {
            // Looked at once more: another pull may have ended between the look and the claim.
            if (home.ready(chainId).isEmpty()) {
                Descriptor blob = image.remote().layers().get(image.chainIds().indexOf(chainId));
                bytes += blob.sizeBytes();
                progress.planned(blob.sizeBytes());
                fetch.start(chainId, blob);
            }
        }
        requireSpace(bytes);
    }

    private void requireSpace(long bytes) throws IOException, Failed {
        if (home.root().isEmpty()) {
            return;
        }
        long usable = FileSystems.capacity(home.root().get()).availableBytes();
        if (bytes > usable) {
            throw new Failed(new PullFailure.Local(subject, new StoreFailure(StoreFailure.Kind.STORAGE,
                    "the layers to download have %d bytes, but %s has only %d free".formatted(bytes, home.root().get(), usable))));
        }
    }

    private static void waitFor(Option<CompletableFuture<Void>> job) throws InterruptedException {
        try {
            if (job.isDefined()) {
                job.get().get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("Expected the job of a layer never to fail, but it did", e);
        }
    }

    private L unpack(LayerFetch<T> fetch, Digest chainId, Digest diffId, Vector<L> lowers)
            throws IOException, InterruptedException, Failed {
        Either<PullFailure, T> packed = fetch.await(chainId);
        if (packed.isLeft()) {
            throw new Failed(packed.getLeft());
        }
        try {
            return home.unpack(chainId, diffId, lowers, packed.get());
        } finally {
            home.place().discard(packed.get());
            claimed = claimed.remove(chainId);
            home.jobs().done(chainId);
        }
    }
}
