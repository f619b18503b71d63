package io.cairn.network;

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

/** One file per sandbox. A write is on stable storage, file and name, when it returns. Callers serialise per sandbox. */
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
        Path fresh = temporary(record.sandboxId());
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var out = FileChannel.open(fresh, FRESH, mode)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file(record.sandboxId()), StandardCopyOption.ATOMIC_MOVE);
        syncDirectory();
    }

    /** A record that cannot be read is as good as none: detach then falls back on the node's configuration. */
    Option<AttachmentRecord> read(String sandboxId) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(file(sandboxId))) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        } catch (NoSuchFileException e) {
            return Option.none();
        }
        return Json.parseObject(bytes, BYTES_MAX).flatMap(AttachmentRecord::parse)
                .filterOrElse(r -> r.sandboxId().equals(sandboxId), r -> "it belongs to " + Text.quote(r.sandboxId()))
                .peekLeft(reason -> LOG.warn("The record {} of a network attachment is damaged and not used: {}", file(sandboxId), reason))
                .toOption();
    }

    void delete(String sandboxId) throws IOException {
        Files.deleteIfExists(temporary(sandboxId));
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

    private void syncDirectory() throws IOException {
        try (var channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
