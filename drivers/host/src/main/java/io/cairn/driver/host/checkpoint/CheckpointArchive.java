package io.cairn.driver.host.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.CheckpointBackend.Archived;
import io.cairn.core.driver.CheckpointBackend.Spec;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.images.TarWriter;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The archive of a checkpoint, in the form that CRI-O, containerd, Podman and checkpointctl share (checkpointctl, lib/metadata.go):
 *
 * <pre>
 * checkpoint/       what CRIU wrote
 * config.dump       whose it is: name, image, runtime, time
 * spec.dump         its OCI spec
 * status.dump       its name and image once more, as containerd looks for them
 * rootfs-diff.tar   what was written to its root file system, deleted.files what was taken away
 * bind.mounts       files and directories of the host that it sees
 * stats-dump, dump.log
 * </pre>
 *
 * <p>One that is read may come from anybody: names that are none of these are passed over, and what is
 * read as JSON is bounded. What CRIU and the root file system are given is not: it may fill the disk of the state.
 *
 * @param root directory in which it is gathered
 */
public record CheckpointArchive(Path root) {
    private static final String IMAGES = "checkpoint/";
    static final String CONFIG = "config.dump";
    /** Without which CRIU can do nothing. */
    static final String INVENTORY = "checkpoint/inventory.img";
    private static final String SPEC = "spec.dump";
    private static final String STATUS = "status.dump";
    private static final String ROOT_DIFF = "rootfs-diff.tar";
    private static final String DELETED = "deleted.files";
    /** As CRIU names its images; none is in a directory of its own. */
    private static final Pattern IMAGE = Pattern.compile("checkpoint/([A-Za-z0-9_][A-Za-z0-9_.-]{0,200})");
    private static final int JSON_BYTES_MAX = 4 << 20;

    /** What CRIU writes and reads. */
    public Path images() {
        return root.resolve("checkpoint");
    }

    /** Where CRIU works, and logs. */
    public Path work() {
        return root.resolve("work");
    }

    /** The OCI runtime's own log. */
    public Path runtimeLog() {
        return root.resolve("runtime.log");
    }

    Path rootDiff() {
        return root.resolve(ROOT_DIFF);
    }

    /**
     * Writes down whose it is.
     *
     * @param runtime name of the OCI runtime that wrote it
     */
    void describe(ContainerFiles files, Spec spec, String runtime, Vector<String> deleted) throws IOException {
        Archived about = spec.about();
        FileTrees.write(root.resolve(CONFIG), FileTrees.JSON.createObjectNode().put("id", spec.containerId()).put("name", about.containerName())
                .put("rootfsImage", about.imageName()).put("rootfsImageName", about.imageName()).put("rootfsImageRef", about.imageRef())
                .put("runtime", runtime)
                .put("createdTime", Files.getLastModifiedTime(files.record()).toInstant().toString())
                .put("checkpointedTime", Instant.now().toString()).put("restored", false));
        var status = FileTrees.JSON.createObjectNode().put("id", spec.containerId()).put("image_ref", about.imageRef());
        status.putObject("metadata").put("name", about.containerName());
        status.putObject("image").put("image", about.imageName());
        FileTrees.write(root.resolve(STATUS), status);
        FileTrees.write(root.resolve(SPEC), FileTrees.read(files.spec()).getOrElse(new byte[0]));
        var mounts = FileTrees.JSON.createArrayNode();
        for (JsonNode mount : FileTrees.readObject(files.spec()).map(s -> s.path("mounts")).getOrElse(FileTrees.JSON.createArrayNode())) {
            Path source = Path.of(mount.path("source").asText());
            if (mount.path("type").asText().equals("bind") && Files.exists(source)) {
                mounts.addObject().put("source", source.toString()).put("destination", mount.path("destination").asText())
                        .put("file_type", Files.isDirectory(source) ? "directory" : "file")
                        .put("permissions", (int) Files.getAttribute(source, "unix:mode") & 0777);
            }
        }
        FileTrees.write(root.resolve("bind.mounts"), mounts);
        if (deleted.nonEmpty()) {
            var names = FileTrees.JSON.createArrayNode();
            deleted.forEach(names::add);
            FileTrees.write(root.resolve(DELETED), names);
        }
    }

    /** @return its size, once it is on stable storage */
    long write(Path archive) throws IOException {
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel = FileChannel.open(archive, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), mode)) {
            var tar = new TarWriter(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
            for (String name : new String[] {CONFIG, SPEC, STATUS, "bind.mounts", DELETED, ROOT_DIFF}) {
                add(tar, name, root.resolve(name));
            }
            for (String name : new String[] {"stats-dump", "dump.log"}) {
                add(tar, name, work().resolve(name));
            }
            tar.directory(IMAGES);
            for (String name : FileTrees.names(images())) {
                add(tar, IMAGES + name, images().resolve(name));
            }
            tar.end();
            channel.force(true);
            return channel.size();
        }
    }

    private static void add(TarWriter tar, String name, Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                tar.file(name, Files.size(file), in);
            }
        }
    }

    /** Reads whose archive it is. */
    static Archived look(CheckpointSource archive) throws DriverException {
        try {
            var config = new ObjectNode[1];
            archive.read((name, size, content) -> {
                if (name.equals(CONFIG)) {
                    config[0] = object(content);
                }
            });
            if (config[0] == null) {
                throw Failures.invalid("Expected %s to be the archive of a checkpoint, but there is no %s in it", archive, CONFIG);
            }
            String name = config[0].path("rootfsImageName").asText(config[0].path("rootfsImage").asText());
            return new Archived(config[0].path("name").asText(), name, config[0].path("rootfsImageRef").asText());
        } catch (NoSuchFileException e) {
            throw Failures.notFound("There is no archive %s of a checkpoint", archive);
        } catch (IOException e) {
            throw Failures.invalid("Expected %s to be the archive of a checkpoint, but it cannot be read as one: %s", archive, e.getMessage());
        }
    }

    /** Brings the parts that a container goes on from into the directory, which is there and empty. @return what was taken away */
    Vector<String> unpack(CheckpointSource archive) throws IOException, DriverException {
        FileTrees.directory(images());
        var deleted = new JsonNode[] {FileTrees.JSON.createArrayNode()};
        archive.read((name, size, content) -> {
            var image = IMAGE.matcher(name);
            if (image.matches()) {
                copy(content, images().resolve(image.group(1)));
            } else if (name.equals(ROOT_DIFF)) {
                copy(content, rootDiff());
            } else if (name.equals(DELETED)) {
                deleted[0] = FileTrees.JSON.readTree(bounded(content));
            }
        });
        if (Files.notExists(root.resolve(INVENTORY))) {
            throw Failures.invalid("Expected %s to have what CRIU wrote, but there is no %s in it", archive, INVENTORY);
        }
        return Vector.ofAll(deleted[0]).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    Option<Path> unpackedDiff() {
        return Option.some(rootDiff()).filter(Files::exists);
    }

    private static void copy(InputStream content, Path file) throws IOException {
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), mode);
                var out = Channels.newOutputStream(channel)) {
            content.transferTo(out);
        }
    }

    private static byte[] bounded(InputStream content) throws IOException {
        byte[] bytes = content.readNBytes(JSON_BYTES_MAX + 1);
        if (bytes.length > JSON_BYTES_MAX) {
            throw new IOException("expected at most %d bytes of JSON".formatted(JSON_BYTES_MAX));
        }
        return bytes;
    }

    private static ObjectNode object(InputStream content) throws IOException {
        return FileTrees.JSON.readTree(bounded(content)) instanceof ObjectNode object ? object : null;
    }
}
