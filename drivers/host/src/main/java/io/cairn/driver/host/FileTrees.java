package io.cairn.driver.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/** Files of a driver: durable where they must outlive power loss, bounded where they are read back, 0600 and 0700 throughout. */
public final class FileTrees {
    public static final ObjectMapper JSON = new ObjectMapper();

    private static final int FILE_BYTES_MAX = 4 << 20;
    /** Of one directory: a look at a container writes once or twice. */
    private static final int DELETIONS_MAX = 5;
    private static final FileAttribute<java.util.Set<PosixFilePermission>> OWNER_DIR =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<java.util.Set<PosixFilePermission>> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private FileTrees() {}

    public static Path directory(Path dir) throws IOException {
        return Files.createDirectories(dir, OWNER_DIR);
    }

    /** A directory that the users of pods may pass on the way to their root file systems, and not look into. */
    public static Path passage(Path dir) throws IOException {
        return Files.setPosixFilePermissions(directory(dir), PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** Lets one group pass a directory. Nobody else: the programs in a container's root may be set-id ones. */
    public static void letPass(Path dir, long gid) throws IOException {
        Files.setAttribute(dir, "unix:gid", (int) gid);
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx--x---"));
    }

    /** Replaces a file in one step; bytes and name survive power loss when this returns. */
    public static void writeDurably(Path file, byte[] bytes) throws IOException {
        Path fresh = replacement(file, bytes, true);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.getParent());
    }

    public static void writeDurably(Path file, JsonNode json) throws IOException {
        writeDurably(file, JSON.writeValueAsBytes(json));
    }

    /**
     * Makes a file that is not there, durably; of several who do so at once, one wins.
     *
     * @return false when there is one already
     */
    public static boolean writeOnce(Path file, JsonNode json) throws IOException {
        Path own = replacement(file.resolveSibling(file.getFileName() + "." + UUID.randomUUID()), JSON.writeValueAsBytes(json), true);
        try {
            // link(2) refuses an existing name, where rename(2) would replace it.
            Files.createLink(file, own);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(own);
            sync(file.getParent());
        }
    }

    /** Replaces a file in one step, for what a reboot may lose. */
    public static void write(Path file, byte[] bytes) throws IOException {
        Files.move(replacement(file, bytes, false), file, StandardCopyOption.ATOMIC_MOVE);
    }

    public static void write(Path file, JsonNode json) throws IOException {
        write(file, JSON.writeValueAsBytes(json));
    }

    /** Removes a file, and what a write of it has left that was cut off. For what a reboot may lose. */
    public static void forget(Path file) throws IOException {
        Files.deleteIfExists(fresh(file));
        Files.deleteIfExists(file);
    }

    private static Path fresh(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    private static Path replacement(Path file, byte[] bytes, boolean sync) throws IOException {
        Path fresh = fresh(file);
        Files.deleteIfExists(fresh);
        var options = java.util.Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try (FileChannel channel = FileChannel.open(fresh, options, OWNER_FILE)) {
            for (var buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
                channel.write(buffer);
            }
            if (sync) {
                channel.force(true);
            }
        }
        return fresh;
    }

    /** fsync(2): a name that was made, changed or removed in a directory is durable only after this. */
    public static void sync(Path dir) throws IOException {
        try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes a file that says something, so that it does not say it again after power loss. */
    public static void deleteDurably(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            sync(file.getParent());
        }
    }

    public static Option<byte[]> read(Path file) throws IOException {
        // Most files that may be absent are: an exception for each takes longer than all else of a look at a container.
        if (file.getFileSystem().provider().readAttributesIfExists(file, BasicFileAttributes.class) == null) {
            return Option.none();
        }
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            if (bytes.length > FILE_BYTES_MAX) {
                throw new IOException("Expected %s to have at most %d bytes, but it has more".formatted(file, FILE_BYTES_MAX));
            }
            return Option.some(bytes);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Option.none();
        }
    }

    /** None when there is no such file, or no JSON object in it: half a file says nothing. */
    public static Option<ObjectNode> readObject(Path file) throws IOException {
        Option<byte[]> bytes = read(file);
        if (bytes.isEmpty()) {
            return Option.none();
        }
        try {
            return JSON.readTree(bytes.get()) instanceof ObjectNode object ? Option.some(object) : Option.none();
        } catch (JsonProcessingException e) {
            return Option.none();
        }
    }

    public static Set<String> names(Path dir) throws IOException {
        Set<String> names = TreeSet.empty();
        try (var entries = Files.newDirectoryStream(dir)) {
            for (Path entry : entries) {
                names = names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException e) {
            return TreeSet.empty();
        }
        return names;
    }

    /**
     * Removes a tree of the driver's own files, with what a last look at a container still writes into it. Mounts in it must be gone: what
     * cannot be removed stops it. Links are not followed.
     */
    public static void delete(Path tree) throws IOException {
        for (int deletions = 1; ; deletions++) {
            try {
                deleteContent(tree);
                Files.deleteIfExists(tree);
                return;
            } catch (DirectoryNotEmptyException e) {
                if (deletions == DELETIONS_MAX) {
                    throw e;
                }
            }
        }
    }

    private static void deleteContent(Path tree) throws IOException {
        if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            for (String name : names(tree)) {
                delete(tree.resolve(name));
            }
        }
    }
}
