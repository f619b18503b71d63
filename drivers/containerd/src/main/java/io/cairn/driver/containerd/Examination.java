package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.Finding;
import io.cairn.driver.host.Command;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What {@code cairn doctor} wants to know: whether containerd answers, and has what the configuration asks of it. */
final class Examination {
    private static final Duration CALL_MAX = Duration.ofSeconds(5);

    private Examination() {}

    static Vector<Finding> of(DriverContext context) {
        try {
            Settings settings = Settings.of(context);
            Vector<String> runtimes = context.handlers().values().flatMap(handler -> handler.get("containerd_runtime"))
                    .toVector().prepend(settings.runtime()).distinct();
            try (var containerd = new Connection(settings.address(), settings.namespace(), CALL_MAX)) {
                return backend(new Plugins(containerd), settings).appendAll(runtimes.map(Examination::runtime));
            }
        } catch (DriverException e) {
            return Vector.of(Finding.bad("containerd", e.getMessage()));
        }
    }

    private static Vector<Finding> backend(Plugins plugins, Settings settings) throws DriverException {
        String version = plugins.version();
        Vector<String> snapshotters = plugins.snapshotters();
        Vector<Finding> found = Vector.of(
                Finding.good("containerd", "version %s answers at %s".formatted(version, settings.address())),
                Finding.good("namespace", settings.namespace()));
        return found.append(snapshotters.contains(settings.snapshotter()) ? Finding.good("snapshotter", settings.snapshotter())
                : Finding.bad("snapshotter", "%s does not work here; those that do: %s: set drivers.containerd.snapshotter"
                        .formatted(settings.snapshotter(), snapshotters.mkString(", "))));
    }

    /** containerd looks for {@code io.containerd.runc.v2} as the program {@code containerd-shim-runc-v2}. */
    private static Finding runtime(String name) {
        String[] parts = name.split("\\.");
        String shim = "containerd-shim-%s-%s".formatted(parts[parts.length - 2], parts[parts.length - 1]);
        return List.of(Command.PATH.split(":")).map(dir -> Path.of(dir, shim)).find(Files::isExecutable)
                .map(program -> Finding.good("runtime", "%s by %s".formatted(name, program)))
                .getOrElse(() -> Finding.bad("runtime", "%s needs the program %s, which is not in %s".formatted(name, shim, Command.PATH)));
    }
}
