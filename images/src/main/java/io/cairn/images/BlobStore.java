package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Manifests and configurations by digest: small documents, checked again whenever they are read. Thread-safe. */
final class BlobStore {
    private final StoreDirs dirs;

    BlobStore(StoreDirs dirs) {
        this.dirs = dirs;
    }

    /** @param content has been checked against the digest */
    void put(Digest digest, byte[] content) throws IOException {
        if (get(digest).isEmpty()) {
            Durable.write(dirs.ingest(), file(digest), content);
        }
    }

    /** None when it is missing or no longer what its name says. */
    Option<byte[]> get(Digest digest) throws IOException {
        try {
            byte[] content = Files.readAllBytes(file(digest));
            return Option.of(content).filter(bytes -> digest.matches(digest.hasher().digest(bytes)));
        } catch (NoSuchFileException e) {
            return Option.none();
        }
    }

    /** Every blob there is, damaged ones included. */
    Vector<Digest> list() throws IOException {
        try (Stream<Path> files = Files.list(dirs.blobs)) {
            return Vector.ofAll(files.map(f -> Digest.parse(f.getFileName().toString().replace('-', ':'))).toList())
                    .flatMap(parsed -> parsed.toOption());
        }
    }

    long sizeBytes(Digest digest) throws IOException {
        return Files.size(file(digest));
    }

    void delete(Digest digest) throws IOException {
        Files.deleteIfExists(file(digest));
    }

    private Path file(Digest digest) {
        return dirs.blobs.resolve(digest.algorithm() + "-" + digest.hex());
    }
}
