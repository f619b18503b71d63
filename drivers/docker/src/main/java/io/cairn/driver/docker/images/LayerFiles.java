package io.cairn.driver.docker.images;

import io.cairn.driver.host.FileTrees;
import io.cairn.images.Arrival;
import io.cairn.images.BlobPlace;
import io.cairn.images.PackedLayer;
import io.cairn.images.StoreFailure;
import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layers that were downloaded and are not in the engine yet: files named after the chain ids of what they make, each checked. None is
 * synced, and none outlives a daemon: {@link #clear} takes all away at the start. Thread-safe.
 */
record LayerFiles(Path directory) implements BlobPlace<Path> {
    private static final Logger LOG = LoggerFactory.getLogger(LayerFiles.class);
    private static final String COMING = "coming-";

    /** Begins with none. */
    void clear() throws IOException {
        FileTrees.directory(directory);
        removeAllBut(name -> false);
    }

    private Path file(Digest chainId) {
        return directory.resolve(chainId.hex());
    }

    Option<Path> get(Digest chainId) {
        return Option.some(file(chainId)).filter(Files::exists);
    }

    /**
     * Keeps what came, once it is seen to be the layer that the image's configuration names.
     *
     * @throws io.cairn.images.BadLayerException when it is not
     */
    Path keep(Digest chainId, Digest diffId, Path packed) throws IOException {
        var layer = new PackedLayer(packed);
        if (!layer.isZstd()) {
            layer.check(diffId);
            return Files.move(packed, file(chainId), StandardCopyOption.ATOMIC_MOVE);
        }
        // Engines before 23.0 cannot unpack it.
        Path plain = coming();
        try {
            layer.unpack(diffId, plain);
            return Files.move(plain, file(chainId), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            discard(plain);
        }
    }

    private Path coming() {
        return directory.resolve(COMING + UUID.randomUUID());
    }

    /** Takes away what no pull that is under way needs. */
    void removeAllBut(Set<Digest> chainIds) throws IOException {
        Set<String> kept = chainIds.map(Digest::hex);
        removeAllBut(name -> name.startsWith(COMING) || kept.contains(name));
    }

    private void removeAllBut(java.util.function.Predicate<String> kept) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> !kept.test(file.getFileName().toString())).forEach(this::discard);
        }
    }

    @Override
    public Option<Path> find(Descriptor blob) {
        return Option.none();
    }

    @Override
    public Arrival<Path> open(Descriptor blob, LongConsumer received) throws IOException {
        return PackedLayer.arriving(coming(), received);
    }

    @Override
    public void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Deleted at the next start, as everything in this directory.
            LOG.warn("Cannot delete {}: {}", file, e.getMessage());
        }
    }

    @Override
    public StoreFailure failed(String reason) {
        return new StoreFailure(StoreFailure.Kind.STORAGE, "writing a layer below %s: %s".formatted(directory, reason));
    }
}
