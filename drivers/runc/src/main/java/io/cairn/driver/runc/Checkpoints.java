package io.cairn.driver.runc;

import io.cairn.core.driver.CheckpointBackend;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Requests;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Writes containers down: by the OCI runtime's {@code checkpoint}, which calls CRIU, with what was written to the root file system. The
 * container stands still meanwhile, so that both are of the same moment.
 */
record Checkpoints(Backend backend, ImageRoots images) implements CheckpointBackend {
    private static final int OUTPUT_BYTES_MAX = 1 << 20;
    private static final int LOG_CHARS_MAX = 1000;
    private static final String PAUSED = "paused";

    @Override
    public long checkpoint(Spec spec) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(spec.containerId()));
        try {
            Container container = Container.read(files)
                    .getOrElseThrow(() -> Failures.notFound("There is no container %s to checkpoint", spec.containerId()));
            require(container, spec.location());
            Path part = spec.location().resolveSibling(".%s.%.12s.part".formatted(spec.location().getFileName(), files.id()));
            var record = new CheckpointRecord(spec.id(), part, 0);
            FileTrees.writeDurably(files.checkpoint(), record.toJson());
            OciRuntime runtime = backend.runtimes().of(container.record().handler());
            try {
                clear(record, files);
                return write(spec, record, container, runtime);
            } finally {
                Files.deleteIfExists(part);
                FileTrees.delete(files.checkpointing());
            }
        } catch (IOException e) {
            throw Failures.io("Cannot checkpoint container %s into %s".formatted(spec.containerId(), spec.location()), e);
        }
    }

    private void require(Container container, Path location) throws DriverException {
        String id = container.files().id();
        if (Files.exists(backend.layout().userNamespace(container.record().sandboxId()))) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "Cannot checkpoint container %s: its pod has users of its own", id);
        }
        if (Files.isDirectory(location) || location.getParent() == null || !Files.isDirectory(location.getParent())) {
            throw Failures.invalid("Cannot checkpoint container %s: expected location to be a file in a directory that is there, but it is %s",
                    id, location);
        }
        backend.criu().require(id);
    }

    private long write(Spec spec, CheckpointRecord record, Container container, OciRuntime runtime) throws IOException, DriverException {
        RuncFiles files = container.files();
        var archive = new CheckpointArchive(files.checkpointing());
        FileTrees.directory(archive.images());
        FileTrees.directory(archive.work());
        Vector<String> deleted;
        try {
            halt(runtime, files.id());
            dump(spec, archive, runtime);
            deleted = images.export(files.id(), archive.rootDiff());
        } finally {
            // Whatever came of it, the container goes on.
            goOn(runtime, files.id());
        }
        archive.describe(container, spec, runtime, deleted);
        long size = archive.write(record.part());
        FileTrees.writeDurably(files.checkpoint(), new CheckpointRecord(record.id(), record.part(), size).toJson());
        Files.move(record.part(), spec.location(), StandardCopyOption.ATOMIC_MOVE);
        FileTrees.sync(spec.location().getParent());
        return size;
    }

    private static void halt(OciRuntime runtime, String id) throws DriverException {
        Command.Ended halted = runtime.run("Pausing " + id, List.of("pause", id));
        if (!halted.succeeded()) {
            throw Failures.failed("Cannot checkpoint container %s: it cannot be paused: %s", id, halted.said());
        }
    }

    private static void goOn(OciRuntime runtime, String id) throws DriverException {
        if (runtime.status(id).contains(PAUSED)) {
            Command.Ended resumed = runtime.run("Resuming " + id, List.of("resume", id));
            if (!resumed.succeeded() && runtime.status(id).contains(PAUSED)) {
                throw Failures.failed("Container %s was paused to be written down, and cannot be resumed: %s", id, resumed.said());
            }
        }
    }

    /** File locks and connections are written down too, or programs that have any could not be. */
    private void dump(Spec spec, CheckpointArchive archive, OciRuntime runtime) throws IOException, DriverException {
        List<String> verb = runtime.loggingTo(archive.runtimeLog()).appendAll(List.of("checkpoint", "--leave-running", "--file-locks",
                "--tcp-established", "--image-path", archive.images().toString(), "--work-path", archive.work().toString(), spec.containerId()));
        Duration limit = spec.timeoutMillis() > 0 ? Duration.ofMillis(spec.timeoutMillis()) : runtime.deadline();
        String title = "Checkpointing container " + spec.containerId();
        var command = new Command(title, runtime.options().appendAll(verb).prepend(runtime.binary().toString()),
                HashMap.of("PATH", backend.criu().path()), Path.of("/"), limit, OUTPUT_BYTES_MAX);
        Command.Ended ended;
        try {
            ended = command.run();
        } catch (DriverException e) {
            new Strays(runtime.root()).settleCheckpoint(spec.containerId(), archive.root());
            throw e;
        }
        if (!ended.succeeded()) {
            // The log that it names goes with the rest.
            String reason = OciRuntime.reason(archive.runtimeLog(), ended).replaceAll("\\s*log file: \\S+", "");
            throw Failures.failed("Cannot checkpoint container %s: %s checkpoint says: %s%s", spec.containerId(), runtime.binary(), reason,
                    logged(archive.work().resolve("dump.log")));
        }
    }

    /** CRIU's own errors, which the OCI runtime does not tell; that it may not raise a limit of its own is none. */
    static String logged(Path log) {
        String text;
        try {
            text = FileTrees.read(log).map(bytes -> new String(bytes, StandardCharsets.UTF_8)).getOrElse("");
        } catch (IOException e) {
            return "";
        }
        String errors = text.lines().filter(line -> line.contains("Error (") && !line.contains("RLIMIT_NOFILE for self"))
                .map(line -> line.replaceAll("\\p{Cntrl}+", " ").strip())
                .reduce("", (all, line) -> all.length() > LOG_CHARS_MAX ? all : all + "; " + line);
        return errors.isEmpty() ? "" : "; CRIU says: " + errors.substring(2);
    }

    @Override
    public Option<Long> settle(String containerId, String checkpointId) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(containerId));
        try {
            Option<CheckpointRecord> record = CheckpointRecord.read(files.checkpoint());
            if (record.isEmpty()) {
                return Option.none();
            }
            OciRuntime runtime = backend.runtimes().ofOrStandard(Container.read(files).map(c -> c.record().handler()).getOrElse(""));
            new Strays(runtime.root()).settleCheckpoint(containerId, files.checkpointing());
            goOn(runtime, containerId);
            boolean archived = record.get().size() > 0 && Files.notExists(record.get().part());
            clear(record.get(), files);
            return Option.when(archived && record.get().id().equals(checkpointId), record.get().size());
        } catch (IOException e) {
            throw Failures.io("Cannot take away what a checkpoint of container %s has left".formatted(containerId), e);
        }
    }

    private static void clear(CheckpointRecord record, RuncFiles files) throws IOException {
        Files.deleteIfExists(record.part());
        FileTrees.delete(files.checkpointing());
    }

    @Override
    public Archived read(Path archive) throws DriverException {
        return CheckpointArchive.look(new CheckpointSource.Archive(archive));
    }

    @Override
    public Option<Archived> ofImage(String imageId) throws DriverException {
        Option<CheckpointSource> source = CheckpointSource.ofImage(images, imageId);
        if (source.isEmpty()) {
            return Option.none();
        }
        if (!backend.criu().restoresImages()) {
            throw Failures.of(Failure.Kind.DENIED, "Image %s holds a checkpoint, and restoring from images is off: whoever makes such an image "
                    + "chooses the privileges of its processes; set drivers.runc.restore_images = \"on\" where all who push images are trusted",
                    imageId);
        }
        return Option.some(CheckpointArchive.look(source.get()));
    }
}
