package io.cairn.driver.containerd;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.ContainerCreation;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.RootFilesystems;
import io.cairn.driver.host.Sandboxes;
import io.cairn.driver.host.checkpoint.RestoredRoots;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;

/** Makes a container ready to start, and has containerd record it; that comes last. */
record ContainerdCreation(Backend backend, Sandboxes sandboxes) {
    private static final String SANDBOX = "io.cairn.sandbox";
    private static final String NAME = "io.cairn.name";

    CreatedContainer create(ContainerSpec spec) throws DriverException {
        if (spec.checkpoint().isDefined()) {
            backend.runtimes().of(spec.sandbox().runtimeHandler()).requireCheckpoints(spec.id());
        }
        var removal = new ContainerRemoval(backend);
        CreatedContainer created = new ContainerCreation(backend.layout(), backend.node(), backend.runtimes(), roots(spec), sandboxes,
                removal::remove).create(spec);
        try {
            record(spec);
            return created;
        } catch (DriverException e) {
            undoAfter(e, removal, spec.id());
            throw e;
        }
    }

    private RootFilesystems roots(ContainerSpec spec) {
        return spec.checkpoint().<RootFilesystems>map(checkpoint -> new RestoredRoots(backend.roots(), backend.layout(), checkpoint))
                .getOrElse(backend.roots());
    }

    private static void undoAfter(DriverException cause, ContainerRemoval removal, String id) {
        try {
            removal.remove(id);
        } catch (DriverException e) {
            cause.addSuppressed(e);
        }
    }

    private void record(ContainerSpec spec) throws DriverException {
        Map<String, String> labels = HashMap.of(ContainerRecords.KIND, "container", SANDBOX, spec.sandbox().id(),
                NAME, spec.config().getMetadata().getName());
        String image = spec.config().getImage().getUserSpecifiedImage();
        var snapshot = new ContainerRecords.Snapshot(backend.roots().images().snapshots().snapshotter(), spec.id(),
                image.isEmpty() ? spec.imageId() : image);
        ContainerdFiles files = backend.layout().container(spec.id());
        var criuOptions = new CriuOptions(files);
        try {
            if (spec.checkpoint().isDefined()) {
                criuOptions.write();
            }
            byte[] json = FileTrees.read(files.spec())
                    .getOrElseThrow(() -> Failures.failed("Cannot create container %s: its spec is gone", spec.id()));
            backend.records().put(spec.id(), labels, json, criuOptions.annotations(), backend.runtimes().of(spec.sandbox().runtimeHandler()),
                    Option.some(snapshot));
        } catch (IOException e) {
            throw Failures.io("Cannot create container " + spec.id(), e);
        }
    }
}
