package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A start over which the engine has died: it notes that a program runs only after it does, and when it is back it says of such a container
 * that it was never started. What it had begun tells: processes in the container's cgroup, or a log without a word why the start failed.
 */
record LostStart(Backend backend) {
    /** @return why it must not be started, in words; none where it was not begun, or has failed and was told to */
    Option<String> doubt(Container container, EngineState state) throws IOException, DriverException {
        if (Files.notExists(container.files().attempt())) {
            return Option.none();
        }
        if (!container.cgroups().processes().isEmpty()) {
            return Option.some("docker says that it was not started, but processes of it run: %s"
                    .formatted(container.cgroups().processes().mkString(", ")));
        }
        boolean failed = !state.error().isEmpty() || state.exitCode() != 0;
        return Option.when(!failed && Files.exists(log(state.id())), "docker has ended while it was starting it: whether its program has run is not known");
    }

    /** Made right before the program is. */
    private Path log(String engineId) throws DriverException {
        return backend.facts().get().root().resolve("containers").resolve(engineId).resolve(engineId + "-json.log");
    }
}
