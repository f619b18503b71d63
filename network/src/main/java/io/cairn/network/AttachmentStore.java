package io.cairn.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file per sandbox. A write is on stable storage, file and name, when it returns; only the results of a chain that is still
 * running are kept apart and not synced: they serve to remove rules from a kernel that survived us. Callers serialise per sandbox.
 */
final class AttachmentStore {
    private static final Logger LOG = LoggerFactory.getLogger(AttachmentStore.class);
    private static final String SUFFIX = ".json";
    private static final int BYTES_MAX = 8 << 20;
    private static final java.util.Set<StandardOpenOption> FRESH =
            java.util.Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

    private final Path dir;

    AttachmentStore(Path dir) throws IOException {
        this.dir = dir;
        Files.createDirectories(dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    void write(AttachmentRecord record) throws IOException {
        byte[] content = record.toBytes();
        if (content.length > BYTES_MAX) {
            throw new IOException("expected a record of at most %d bytes, but it has %d".formatted(BYTES_MAX, content.length));
        }
        if (record.result().isEmpty()) {
            Files.deleteIfExists(progress(record.sandboxId()));
        }
        replace(record.sandboxId(), file(record.sandboxId()), content, true);
        syncDirectory();
        // Not earlier: until here the progress may be all that is known of a chain that ran.
        Files.deleteIfExists(progress(record.sandboxId()));
    }

    /** Notes the last result of an attachment in {@link AttachmentRecord.Phase#ADDING}; survives a kill, not a power cut. */
    void noteProgress(String sandboxId, ObjectNode result) throws IOException {
        replace(sandboxId, progress(sandboxId), Json.bytes(result), false);
    }

    private void replace(String sandboxId, Path target, byte[] content, boolean sync) throws IOException {
        Path fresh = temporary(sandboxId);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var out = FileChannel.open(fresh, FRESH, mode)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            if (sync) {
                out.force(true);
            }
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A record that cannot be read is as good as none: detach then falls back on the node's configuration. */
    Option<AttachmentRecord> read(String sandboxId) throws IOException {
        Option<AttachmentRecord> record = bytes(file(sandboxId)).flatMap(bytes -> Json.parseObject(bytes, BYTES_MAX)
                .flatMap(AttachmentRecord::parse)
                .filterOrElse(r -> r.sandboxId().equals(sandboxId), r -> "it belongs to " + Text.quote(r.sandboxId()))
                .peekLeft(reason -> LOG.warn("The record {} of a network attachment is damaged and not used: {}", file(sandboxId), reason))
                .toOption());
        if (!record.exists(r -> r.phase() == AttachmentRecord.Phase.ADDING)) {
            return record;
        }
        var progress = bytes(progress(sandboxId)).flatMap(bytes -> Json.parseObject(bytes).toOption());
        return record.map(r -> progress.map(r::withResult).getOrElse(r));
    }

    private static Option<byte[]> bytes(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return Option.some(in.readNBytes(BYTES_MAX + 1));
        } catch (NoSuchFileException e) {
            return Option.none();
        }
    }

    void delete(String sandboxId) throws IOException {
        Files.deleteIfExists(temporary(sandboxId));
        Files.deleteIfExists(progress(sandboxId));
        if (Files.deleteIfExists(file(sandboxId))) {
            syncDirectory();
        }
    }

    Set<String> ids() throws IOException {
        try (var files = Files.list(dir)) {
            return HashSet.ofAll(files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(SUFFIX) && NetworkList.isName(n))
                    .map(n -> n.substring(0, n.length() - SUFFIX.length()))
                    .toList());
        }
    }

    private Path file(String sandboxId) {
        return dir.resolve(sandboxId + SUFFIX);
    }

    /** A leading dot: no sandbox id has one. */
    private Path temporary(String sandboxId) {
        return dir.resolve("." + sandboxId + ".tmp");
    }

    private Path progress(String sandboxId) {
        return dir.resolve("." + sandboxId + ".progress");
    }

    private void syncDirectory() throws IOException {
        try (var channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
