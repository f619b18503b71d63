package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.images.TarFiles;
import io.cairn.images.TarFiles.Visitor;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/** What processes come back from: the files of a checkpoint, as anybody may have written them. */
sealed interface CheckpointSource {
    /** Visits its regular files, by their names in {@link CheckpointArchive}. */
    void read(Visitor visitor) throws IOException;

    /** A tar archive. */
    record Archive(Path file) implements CheckpointSource {
        @Override
        public void read(Visitor visitor) throws IOException {
            TarFiles.read(file, visitor);
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /** A layer of an image, unpacked. */
    record Layer(String imageId, Path directory) implements CheckpointSource {
        @Override
        public void read(Visitor visitor) throws IOException {
            TarFiles.readUnpacked(directory, visitor);
        }

        @Override
        public String toString() {
            return "image " + imageId;
        }
    }

    /**
     * An image that was made of an archive has it in one layer. Its manifest says so by the annotation
     * {@code org.criu.checkpoint.container.name}; the files say the same, and are what is needed.
     */
    static Option<CheckpointSource> ofImage(CheckpointRoots roots, String imageId) throws DriverException {
        return roots.layerWith(imageId, Vector.of(CheckpointArchive.CONFIG, CheckpointArchive.INVENTORY)).map(dir -> new Layer(imageId, dir));
    }

    /** @param text absolute path of an archive, or id of an image */
    static CheckpointSource of(CheckpointRoots roots, String text) throws DriverException {
        if (text.startsWith("/")) {
            return new Archive(Path.of(text));
        }
        return ofImage(roots, text).getOrElseThrow(() -> Failures.notFound("Image %s is no checkpoint, or is not whole any more", text));
    }
}
