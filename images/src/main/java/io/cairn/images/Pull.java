package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.Platform;
import io.cairn.images.registry.RegistrySession;
import io.cairn.images.registry.RemoteImage;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InterruptedIOException;

/** One pull: resolve → verify → documents and configuration → the layers that are missing. Belongs to one thread. */
final class Pull {
    private final StoreParts parts;
    private final RegistrySession session;
    private final ImageReference reference;
    private final Platform platform;
    private final Verification verification;
    private final PullProgress progress;
    private final Pins.Pin pin;

    Pull(StoreParts parts, RegistrySession session, ImageReference reference, Platform platform, Verification verification,
            PullProgress progress, Pins.Pin pin) {
        this.parts = parts;
        this.session = session;
        this.reference = reference;
        this.platform = platform;
        this.verification = verification;
        this.progress = progress;
        this.pin = pin;
    }

    Either<PullFailure, PulledImage> run() {
        try {
            Either<PullFailure, FoundImage> found = new ImageLookup(session, reference, platform, verification).find(this::known);
            return found.isLeft() ? Either.left(found.getLeft()) : bring(found.get());
        } catch (InterruptedIOException | InterruptedException e) {
            Thread.currentThread().interrupt();
            return Either.left(new PullFailure.Cancelled(reference.toString()));
        } catch (IOException e) {
            return Either.left(new PullFailure.Local(reference.toString(), StoreFailure.storage("pulling", parts.dirs().root, e)));
        }
    }

    private Either<PullFailure, PulledImage> bring(FoundImage found) throws IOException, InterruptedException {
        RemoteImage remote = found.remote();
        pin.add(remote.documents().map(RemoteImage.Document::digest).append(remote.config().digest()));
        pin.add(found.chainIds());
        for (RemoteImage.Document document : remote.documents()) {
            parts.blobs().put(document.digest(), document.content());
        }
        parts.blobs().put(remote.config().digest(), found.configJson());
        return new LayerPull<>(new StoreHome(parts), session, found, progress).run().map(layers -> {
            long sizeBytes = layers.map(LayerInfo::diskBytes).sum().longValue() + found.configJson().length;
            var image = new StoredImage(remote.config().digest(), found.config(), found.chainIds(), sizeBytes, found.configJson());
            return new PulledImage(reference, remote.digest(), remote.manifestDigest(), remote.layerBytes(), image);
        });
    }

    /** A blob that cannot be read is fetched again. */
    private Option<byte[]> known(Digest digest) {
        try {
            return parts.blobs().get(digest);
        } catch (IOException e) {
            return Option.none();
        }
    }
}
