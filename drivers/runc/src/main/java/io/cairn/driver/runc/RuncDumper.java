package io.cairn.driver.runc;

import io.cairn.core.driver.CheckpointBackend.Spec;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.checkpoint.CheckpointArchive;
import io.cairn.driver.host.checkpoint.CriuLog;
import io.cairn.driver.host.checkpoint.Dumper;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Processes are written down by the OCI runtime's {@code checkpoint}, which calls CRIU. */
record RuncDumper(Backend backend, String id, String handler) implements Dumper {
    private static final int OUTPUT_BYTES_MAX = 1 << 20;
    private static final String PAUSED = "paused";

    private OciRuntime oci() {
        return backend.runtimes().ofOrStandard(handler);
    }

    @Override
    public String runtime() {
        return oci().binary().getFileName().toString();
    }

    @Override
    public void require() throws DriverException {
        backend.runtimes().of(handler);
        backend.criu().require(id);
    }

    @Override
    public void halt() throws DriverException {
        Command.Ended halted = oci().run("Pausing " + id, List.of("pause", id));
        if (!halted.succeeded()) {
            throw Failures.failed("Cannot checkpoint container %s: it cannot be paused: %s", id, halted.said());
        }
    }

    @Override
    public void goOn() throws DriverException {
        OciRuntime runtime = oci();
        if (runtime.status(id).contains(PAUSED)) {
            Command.Ended resumed = runtime.run("Resuming " + id, List.of("resume", id));
            if (!resumed.succeeded() && runtime.status(id).contains(PAUSED)) {
                throw Failures.failed("Container %s was paused to be written down, and cannot be resumed: %s", id, resumed.said());
            }
        }
    }

    @Override
    public void dump(Spec spec, CheckpointArchive archive) throws IOException, DriverException {
        OciRuntime runtime = oci();
        List<String> verb = runtime.loggingTo(archive.runtimeLog()).appendAll(List.of("checkpoint", "--leave-running", "--file-locks",
                "--tcp-established", "--image-path", archive.images().toString(), "--work-path", archive.work().toString(), id));
        Duration limit = spec.timeoutMillis() > 0 ? Duration.ofMillis(spec.timeoutMillis()) : runtime.deadline();
        var command = new Command("Checkpointing container " + id, runtime.options().appendAll(verb).prepend(runtime.binary().toString()),
                HashMap.of("PATH", backend.criu().path()), Path.of("/"), limit, OUTPUT_BYTES_MAX);
        Command.Ended ended;
        try {
            ended = command.run();
        } catch (DriverException e) {
            settle(archive.root());
            throw e;
        }
        if (!ended.succeeded()) {
            // The log that it names goes with the rest.
            String reason = OciRuntime.reason(archive.runtimeLog(), ended).replaceAll("\\s*log file: \\S+", "");
            throw Failures.failed("Cannot checkpoint container %s: %s checkpoint says: %s%s", id, runtime.binary(), reason,
                    CriuLog.errors(archive.work().resolve("dump.log")));
        }
    }

    @Override
    public void settle(Path directory) throws IOException, DriverException {
        new Strays(oci().root()).settleCheckpoint(id, directory);
    }
}
