package io.cairn.images;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.Platform;
import io.cairn.images.registry.RegistryClient;
import io.cairn.images.registry.RegistryFailure;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.images.registry.RegistrySession;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Images on this machine: pulled from registries, unpacked layer by layer, and handed to {@link Snapshots}.
 *
 * <p>Which images exist is not decided here. The caller's journal is the truth; this store has what was pulled, tells
 * whether it is whole ({@link #load}), and deletes what the caller no longer names ({@link #sweep}).
 *
 * <p>Thread-safe. One process at a time may have a store open. A call that was killed at any point leaves only whole
 * layers and documents, which the next one uses, and rubbish that the next {@link #open} deletes.
 */
public final class ImageStore implements AutoCloseable {
    private final StoreParts parts;
    private final RegistryClient registries;
    private final Platform platform;
    private final Verification verification;
    private final Snapshots snapshots;
    private final Set<Digest> unconfirmed = ConcurrentHashMap.newKeySet();

    private ImageStore(StoreDirs dirs, RegistryOptions options, Platform platform, Verification verification) {
        this.parts = StoreParts.over(dirs);
        this.registries = new RegistryClient(options);
        this.platform = platform;
        this.verification = verification;
        this.snapshots = new Snapshots(parts);
    }

    /**
     * Opens the store, making its directory (mode 0700) if there is none.
     *
     * @param root on a file system that overlayfs takes as upper directory (ext4, XFS with ftype=1, btrfs)
     * @param verification asked about every image before it is pulled
     * @return the store, to be closed
     */
    public static Either<StoreFailure, ImageStore> open(Path root, RegistryOptions options, Verification verification) {
        try {
            return Either.right(new ImageStore(StoreDirs.open(root), options, Platform.current(), verification));
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("opening the image store", root, e));
        }
    }

    /** Opens a store that takes every image. */
    public static Either<StoreFailure, ImageStore> open(Path root, RegistryOptions options) {
        return open(root, options, Verification.NONE);
    }

    /**
     * Brings an image here. What is here already, or is being brought by another pull, is not downloaded again.
     *
     * <p>The image is safe from {@link #sweep} until a sweep has seen it among the living, or it is {@link #forget}ten: so
     * there is time to write it into the journal. Interrupting the thread ends the pull with {@link PullFailure.Cancelled}.
     */
    public Either<PullFailure, PulledImage> pull(ImageReference reference, Credentials credentials, PullProgress progress) {
        Either<RegistryFailure, RegistrySession> opened = registries.session(reference, credentials);
        if (opened.isLeft()) {
            return Either.left(new PullFailure.FromRegistry(opened.getLeft()));
        }
        try (RegistrySession session = opened.get(); Pins.Pin pin = parts.pins().hold()) {
            return new Pull(parts, session, reference, platform, verification, progress, pin).run()
                    .peek(pulled -> unconfirmed.add(pulled.image().imageId()));
        }
    }

    /**
     * Reads back what is on disk of an image: that its configuration is what the id says, and that each layer is whole. The
     * first look at a layer in this process compares all its entries, which takes some milliseconds per thousand files.
     */
    public Either<StoreFailure, StoredImage> load(Digest imageId) {
        try {
            Option<byte[]> json = parts.blobs().get(imageId);
            if (json.isEmpty()) {
                return Either.left(new StoreFailure(StoreFailure.Kind.MISSING,
                        "the configuration of image " + imageId + " is missing or damaged; pull the image again"));
            }
            ImageConfig config = ImageConfig.parse(json.get());
            Vector<Digest> chainIds = ChainIds.of(config.diffIds());
            return LayerStack.ready(parts.layers(), chainIds).map(layers -> new StoredImage(imageId, config, chainIds,
                    layers.map(LayerInfo::diskBytes).sum().longValue() + json.get().length, json.get()));
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("loading image " + imageId, parts.dirs().root, e));
        }
    }

    /** The directory of the topmost layer of an image that has all of these files itself, if one has; not to be written to. */
    public Either<StoreFailure, Option<Path>> layerWith(Digest imageId, Vector<String> files) {
        return load(imageId).map(image -> image.chainIds().reverse().map(parts.layers()::fs)
                .find(layer -> files.forAll(file -> Files.isRegularFile(layer.resolve(file), LinkOption.NOFOLLOW_LINKS))));
    }

    /**
     * Takes back the safety that {@link #pull} gave: for an image that was removed, or whose pull the journal does not hold.
     * Must not overlap with a pull of the same image whose outcome has yet to be written into the journal.
     */
    public void forget(Digest imageId) {
        unconfirmed.remove(imageId);
    }

    /**
     * Deletes every layer and document that no living image, no snapshot and no call under way needs. Idempotent.
     *
     * @param live image ids the caller knows of; one it names is no longer protected as just pulled
     */
    public Either<StoreFailure, StoreUsage> sweep(Set<Digest> live) {
        try {
            new Sweep(parts, snapshots).run(live, unconfirmed);
            return usage();
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("sweeping", parts.dirs().root, e));
        }
    }

    /** The store's directory, which stands for its file system. */
    public Path root() {
        return parts.dirs().root;
    }

    /** What images take on disk, from what was recorded when they were unpacked. */
    public Either<StoreFailure, StoreUsage> usage() {
        try {
            long bytes = 0;
            long inodes = 0;
            for (Digest chainId : parts.layers().list()) {
                if (parts.layers().describe(chainId) instanceof LayerState.Ready(LayerInfo info)) {
                    bytes += info.diskBytes();
                    inodes += info.entries();
                }
            }
            for (Digest blob : parts.blobs().list()) {
                bytes += parts.blobs().sizeBytes(blob);
                inodes++;
            }
            return Either.right(new StoreUsage(parts.dirs().root, bytes, inodes));
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("measuring", parts.dirs().root, e));
        }
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    /** Lets the next process in. Pulls under way must have ended. */
    @Override
    public void close() {
        parts.unpackers().close();
        try {
            parts.dirs().close();
        } catch (IOException e) {
            throw new IllegalStateException("Expected to release the lock of the image store, but " + StoreFailure.reason(e), e);
        }
    }
}
