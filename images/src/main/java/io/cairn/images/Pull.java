package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.Platform;
import io.cairn.images.registry.RegistryLimits;
import io.cairn.images.registry.RegistrySession;
import io.cairn.images.registry.RemoteImage;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * One pull: resolve → documents and configuration → the layers that are missing, downloaded in parallel and unpacked from
 * the lowest up, since what lies below tells how a layer is to be unpacked. Belongs to one thread.
 */
final class Pull {
    private final StoreParts parts;
    private final RegistrySession session;
    private final ImageReference reference;
    private final Platform platform;
    private final PullProgress progress;
    private final Pins.Pin pin;
    private Vector<Digest> claimed = Vector.empty();

    Pull(StoreParts parts, RegistrySession session, ImageReference reference, Platform platform, PullProgress progress, Pins.Pin pin) {
        this.parts = parts;
        this.session = session;
        this.reference = reference;
        this.platform = platform;
        this.progress = progress;
        this.pin = pin;
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

    Either<PullFailure, PulledImage> run() {
        try {
            RemoteImage remote = right(session.resolve(platform, this::known).mapLeft(PullFailure.FromRegistry::new));
            pin.add(remote.documents().map(RemoteImage.Document::digest).append(remote.config().digest()));
            byte[] configJson = config(remote.config());
            ImageConfig config = checked(remote, configJson);
            Vector<Digest> chainIds = ChainIds.of(config.diffIds());
            pin.add(chainIds);
            for (RemoteImage.Document document : remote.documents()) {
                parts.blobs().put(document.digest(), document.content());
            }
            parts.blobs().put(remote.config().digest(), configJson);
            Vector<LayerInfo> layers = layers(remote, config, chainIds);
            long sizeBytes = layers.map(LayerInfo::diskBytes).sum().longValue() + configJson.length;
            var image = new StoredImage(remote.config().digest(), config, chainIds, sizeBytes, configJson);
            return Either.right(new PulledImage(reference, remote.digest(), remote.manifestDigest(), remote.layerBytes(), image));
        } catch (Failed e) {
            return Either.left(e.failure);
        } catch (InterruptedIOException | InterruptedException e) {
            Thread.currentThread().interrupt();
            return Either.left(new PullFailure.Cancelled(reference.toString()));
        } catch (IOException e) {
            return Either.left(new PullFailure.Local(reference.toString(), StoreFailure.storage("pulling", parts.dirs().root, e)));
        } finally {
            claimed.forEach(parts.jobs()::done);
        }
    }

    /** A blob that cannot be read is fetched again. */
    private Option<byte[]> known(Digest digest) {
        try {
            return parts.blobs().get(digest);
        } catch (IOException e) {
            return Option.none();
        }
    }

    private byte[] config(Descriptor descriptor) throws Failed {
        Option<byte[]> here = known(descriptor.digest());
        return here.isDefined() ? here.get()
                : right(session.small(descriptor, RegistryLimits.MAX_CONFIG_BYTES).mapLeft(PullFailure.FromRegistry::new));
    }

    private ImageConfig checked(RemoteImage remote, byte[] json) throws Failed {
        ImageConfig config;
        try {
            config = ImageConfig.parse(json);
        } catch (IOException e) {
            throw bad(e.getMessage());
        }
        if (config.diffIds().size() != remote.layers().size()) {
            throw bad("its manifest has %d layers, but its configuration names %d"
                    .formatted(remote.layers().size(), config.diffIds().size()));
        }
        // An index may say better than the configuration, in which builders of many platforms often err.
        boolean tells = !config.platform().architecture().isEmpty();
        if (!remote.platformIsKnown() && tells && !platform.runs(config.platform())) {
            throw bad("it is for %s, and this machine is %s".formatted(config.platform(), platform));
        }
        return config;
    }

    private Vector<LayerInfo> layers(RemoteImage remote, ImageConfig config, Vector<Digest> chainIds)
            throws IOException, InterruptedException, Failed {
        try (var fetch = new LayerFetch(session, parts.dirs(), progress, reference.toString())) {
            claimAndFetch(fetch, remote, chainIds, chainIds);
            Vector<LayerInfo> ready = Vector.empty();
            while (ready.size() < chainIds.size()) {
                int i = ready.size();
                Digest chainId = chainIds.get(i);
                LayerState state = parts.layers().look(chainId);
                if (state instanceof LayerState.Ready(LayerInfo info)) {
                    progress.present(remote.layers().get(i).digest());
                    ready = ready.append(info);
                } else if (claimed.contains(chainId)) {
                    ready = ready.append(unpack(fetch, chainId, config.diffIds().get(i), ready));
                    progress.unpacked(remote.layers().get(i).digest());
                } else {
                    waitFor(parts.jobs().running(chainId));
                    claimAndFetch(fetch, remote, chainIds, Vector.of(chainId));
                }
            }
            return ready;
        }
    }

    private void claimAndFetch(LayerFetch fetch, RemoteImage remote, Vector<Digest> chainIds, Vector<Digest> wanted)
            throws IOException, Failed {
        Vector<Digest> missing = Vector.empty();
        for (Digest chainId : wanted) {
            missing = parts.layers().look(chainId) instanceof LayerState.Ready ? missing : missing.append(chainId);
        }
        Vector<Digest> mine = parts.jobs().claim(missing);
        claimed = claimed.appendAll(mine);
        long bytes = 0;
        for (Digest chainId : mine) {
            // Looked at once more: another pull may have ended between the look and the claim.
            if (!(parts.layers().look(chainId) instanceof LayerState.Ready)) {
                Descriptor blob = remote.layers().get(chainIds.indexOf(chainId));
                bytes += blob.sizeBytes();
                fetch.start(chainId, blob);
            }
        }
        long usable = Files.getFileStore(parts.dirs().root).getUsableSpace();
        if (bytes > usable) {
            throw new Failed(new PullFailure.Local(reference.toString(), new StoreFailure(StoreFailure.Kind.STORAGE,
                    "the layers to download have %d bytes, but %s has only %d free".formatted(bytes, parts.dirs().root, usable))));
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

    private LayerInfo unpack(LayerFetch fetch, Digest chainId, Digest diffId, Vector<LayerInfo> lowers)
            throws IOException, InterruptedException, Failed {
        Path packed = right(fetch.await(chainId));
        try {
            return parts.unpackers().run(stop -> {
                if (parts.layers().look(chainId) instanceof LayerState.Damaged) {
                    parts.layers().retire(chainId);
                }
                try (InputStream in = Files.newInputStream(packed)) {
                    return parts.layers().unpack(chainId, diffId, lowers, in, stop);
                }
            });
        } catch (BadLayerException e) {
            throw bad(e.getMessage());
        } finally {
            LayerFetch.deleteQuietly(packed);
            claimed = claimed.remove(chainId);
            parts.jobs().done(chainId);
        }
    }

    private Failed bad(String why) {
        return new Failed(new PullFailure.BadImage(reference.toString(), why));
    }

    private static <T> T right(Either<? extends PullFailure, T> either) throws Failed {
        if (either.isLeft()) {
            throw new Failed(either.getLeft());
        }
        return either.get();
    }
}
