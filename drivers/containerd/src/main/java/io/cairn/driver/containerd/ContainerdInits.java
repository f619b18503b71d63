package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.io.StdioPaths;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.InitRunner;
import io.vavr.collection.HashMap;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Inits of pods as tasks without input and output. */
record ContainerdInits(Backend backend) implements InitRunner {
    private static final StdioPaths NONE = new StdioPaths("", "", "");

    @Override
    public void start(String id, Path bundle, String handler) throws IOException, DriverException {
        byte[] spec = FileTrees.read(bundle.resolve("config.json"))
                .getOrElseThrow(() -> Failures.failed("Cannot start %s: there is no spec in %s", id, bundle));
        backend.records().put(id, HashMap.of(ContainerRecords.KIND, "init"), spec, HashMap.empty(), backend.runtimes().of(handler), Option.none());
        long pid = backend.tasks().create(id, NONE, false);
        // Before it is let go: whoever finds a process must know whose it is.
        FileTrees.write(bundle.resolve("pid"), Long.toString(pid).getBytes(StandardCharsets.US_ASCII));
        backend.tasks().start(id);
    }

    @Override
    public void remove(String id, Path bundle, String handler) throws IOException, DriverException {
        var task = backend.tasks().find(id, Tasks.MAIN);
        if (task.isDefined()) {
            new ContainerEnd(backend).endInit(id, task.get());
        }
        backend.records().delete(id);
    }
}
