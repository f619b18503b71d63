package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.CheckpointBackend;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.ContainerRecord;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Layout;
import io.cairn.driver.host.Requests;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes containers down: their processes, which the driver has CRIU write, with what was written to the root file system. The container
 * stands still meanwhile, so that both are of the same moment.
 */
public record Checkpoints(Layout layout, CheckpointRoots roots, Dumper.Factory dumpers, RestoredImages restoredImages)
        implements CheckpointBackend {
    @Override
    public long checkpoint(Spec spec) throws DriverException {
        ContainerFiles files = layout.container(Requests.id(spec.containerId()));
        try {
            ContainerRecord container = ContainerRecord.read(files.record())
                    .getOrElseThrow(() -> Failures.notFound("There is no container %s to checkpoint", spec.containerId()));
            Dumper dumper = dumpers.of(files.id(), container.handler());
            require(container, dumper, spec.location());
            Path part = spec.location().resolveSibling(".%s.%.12s.part".formatted(spec.location().getFileName(), files.id()));
            var record = new CheckpointRecord(spec.id(), part, 0);
            FileTrees.writeDurably(files.checkpoint(), record.toJson());
            try {
                clear(record, files);
                return write(spec, record, files, dumper);
            } finally {
                Files.deleteIfExists(part);
                FileTrees.delete(files.checkpointing());
            }
        } catch (IOException e) {
            throw Failures.io("Cannot checkpoint container %s into %s".formatted(spec.containerId(), spec.location()), e);
        }
    }

    private void require(ContainerRecord container, Dumper dumper, Path location) throws DriverException {
        if (Files.exists(layout.userNamespace(container.sandboxId()))) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "Cannot checkpoint container %s: its pod has users of its own", container.id());
        }
        if (Files.isDirectory(location) || location.getParent() == null || !Files.isDirectory(location.getParent())) {
            throw Failures.invalid("Cannot checkpoint container %s: expected location to be a file in a directory that is there, but it is %s",
                    container.id(), location);
        }
        dumper.require();
    }

    private long write(Spec spec, CheckpointRecord record, ContainerFiles files, Dumper dumper) throws IOException, DriverException {
        var archive = new CheckpointArchive(files.checkpointing());
        FileTrees.directory(archive.images());
        FileTrees.directory(archive.work());
        Vector<String> deleted = gather(spec, archive, dumper);
        archive.describe(files, spec, dumper.runtime(), deleted);
        long size = archive.write(record.part());
        FileTrees.writeDurably(files.checkpoint(), new CheckpointRecord(record.id(), record.part(), size).toJson());
        Files.move(record.part(), spec.location(), StandardCopyOption.ATOMIC_MOVE);
        FileTrees.sync(spec.location().getParent());
        return size;
    }

    /** Whatever comes of it, the container goes on. @return what of its image was taken away */
    private Vector<String> gather(Spec spec, CheckpointArchive archive, Dumper dumper) throws IOException, DriverException {
        Vector<String> deleted;
        try {
            dumper.halt();
            dumper.dump(spec, archive);
            deleted = roots.export(spec.containerId(), archive.rootDiff());
        } catch (IOException | DriverException e) {
            goOnAfter(e, dumper);
            throw e;
        }
        dumper.goOn();
        return deleted;
    }

    private static void goOnAfter(Exception cause, Dumper dumper) throws DriverException {
        try {
            dumper.goOn();
        } catch (DriverException e) {
            throw new DriverException(e.kind(), "%s; before that: %s".formatted(e.getMessage(), cause.getMessage()), cause);
        }
    }

    @Override
    public Option<Long> settle(String containerId, String checkpointId) throws DriverException {
        ContainerFiles files = layout.container(Requests.id(containerId));
        try {
            Option<CheckpointRecord> record = CheckpointRecord.read(files.checkpoint());
            if (record.isEmpty()) {
                return Option.none();
            }
            Dumper dumper = dumpers.of(files.id(), ContainerRecord.read(files.record()).map(ContainerRecord::handler).getOrElse(""));
            dumper.settle(files.checkpointing());
            dumper.goOn();
            boolean archived = record.get().size() > 0 && Files.notExists(record.get().part());
            clear(record.get(), files);
            return Option.when(archived && record.get().id().equals(checkpointId), record.get().size());
        } catch (IOException e) {
            throw Failures.io("Cannot take away what a checkpoint of container %s has left".formatted(containerId), e);
        }
    }

    private static void clear(CheckpointRecord record, ContainerFiles files) throws IOException {
        Files.deleteIfExists(record.part());
        FileTrees.delete(files.checkpointing());
    }

    @Override
    public Archived read(Path archive) throws DriverException {
        return CheckpointArchive.look(new CheckpointSource.Archive(archive));
    }

    @Override
    public Option<Archived> ofImage(String imageId) throws DriverException {
        Option<CheckpointSource> source = CheckpointSource.ofImage(roots, imageId);
        if (source.isEmpty()) {
            return Option.none();
        }
        if (!restoredImages.allowed()) {
            throw Failures.of(Failure.Kind.DENIED, "Image %s holds a checkpoint, and restoring from images is off: whoever makes such an image "
                    + "chooses the privileges of its processes; set %s = \"on\" where all who push images are trusted",
                    imageId, restoredImages.key());
        }
        return Option.some(CheckpointArchive.look(source.get()));
    }
}
