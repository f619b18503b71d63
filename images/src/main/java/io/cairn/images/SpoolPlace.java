package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Layers as files of the image store, until they are unpacked. */
record SpoolPlace(StoreDirs dirs) implements BlobPlace<Path> {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolPlace.class);

    @Override
    public Option<Path> find(Descriptor blob) {
        return Option.none();
    }

    @Override
    public Arrival<Path> open(Descriptor blob, LongConsumer received) throws IOException {
        return new Spool(dirs.ingest(), received);
    }

    @Override
    public void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Deleted at the next start, as everything in this directory.
            LOG.warn("Cannot delete {}: {}", file, StoreFailure.reason(e));
        }
    }

    @Override
    public StoreFailure failed(String reason) {
        return new StoreFailure(StoreFailure.Kind.STORAGE, "writing a layer below %s: %s".formatted(dirs.root, reason));
    }
}
