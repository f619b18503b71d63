package io.cairn.driver.runc;

import io.cairn.core.driver.CgroupDriver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.Features;
import io.cairn.images.ImageStore;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.network.PodNamespaces;
import io.cairn.oci.HostDevices;
import io.cairn.oci.HostFacts;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Puts the driver together: looks at the host, finds the OCI runtime and conmon, opens the image store. */
final class Opening {
    /** Of one command of the OCI runtime. They take milliseconds; a disk in trouble takes long. */
    private static final Duration COMMAND_DEADLINE = Duration.ofMinutes(2);
    private static final Path SHELL = Path.of("/bin/sh");
    private static final Path SYSTEMD = Path.of("/run/systemd/system");

    private Opening() {}

    static RuncDriver open(DriverContext context) throws DriverException {
        Settings settings = Settings.of(context);
        var layout = new Layout(context.stateDirectory(), context.runDirectory(), settings.runtimeRoot());
        try {
            makeDirectories(layout);
            Boot boot = Boot.current();
            HostFacts host = HostFacts.probe();
            boolean systemd = usesSystemd(settings.cgroups());
            var choice = new RuntimeChoice(layout, boot, systemd, host.architecture(), COMMAND_DEADLINE);
            RuntimeChoice.Working working = choice.choose(settings.runtime());
            String conmonVersion = conmonVersion(settings.conmon());
            var runtimes = new Runtimes(working.runtime(), handlers(context, choice, working.runtime()));
            LastSeen lastSeen = LastSeen.open(layout.alive());
            var inits = new PodInits(layout, runtimes, host);
            inits.installProgram();
            var sandboxes = new Sandboxes(layout, inits, new PodFilesWriter(host.hostname()), new PodNamespaces());
            var conmon = new Conmon(settings.conmon(), SHELL, COMMAND_DEADLINE);
            ImageRoots images = new ImageRoots(store(layout, settings));
            var backend = new Backend(layout, boot, runtimes, conmon, images, new Exits(boot, lastSeen), host, HostDevices.ofHost());
            CgroupDriver cgroups = systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
            String description = "%s (%s), %s (%s), cgroups %s by %s, state in %s".formatted(working.version(), working.runtime().binary(),
                    conmonVersion, settings.conmon(), host.cgroups().layout(), cgroups, layout.state());
            var features = new Features(working.recursiveReadOnlyMounts() && host.recursiveReadOnly(), false, true);
            return new RuncDriver(backend, sandboxes, images, lastSeen, description, features, cgroups);
        } catch (IOException e) {
            throw Failures.io("Cannot open the driver runc", e);
        }
    }

    private static void makeDirectories(Layout layout) throws IOException {
        for (Path dir : new Path[] {layout.containers(), layout.sandboxes(), layout.exits(), layout.containerRuns(), layout.sandboxRuns(),
                layout.runtimeRoot()}) {
            FileTrees.directory(dir);
        }
    }

    private static boolean usesSystemd(Settings.CgroupChoice choice) {
        return switch (choice) {
            case AUTO -> Files.isDirectory(SYSTEMD);
            case CGROUPFS -> false;
            case SYSTEMD -> true;
        };
    }

    private static String conmonVersion(Path conmon) throws DriverException {
        if (!Files.isExecutable(conmon)) {
            throw Failures.of(Failure.Kind.UNAVAILABLE,
                    "Expected conmon at %s, but it is not there: install the package conmon, or set drivers.runc.conmon", conmon);
        }
        return new Command("Asking conmon for its version", List.of(conmon.toString(), "--version"), HashMap.empty(),
                Path.of("/"), COMMAND_DEADLINE, 1 << 12)
                .run().stdout().toStringUtf8().lines().findFirst().orElse("conmon");
    }

    private static Map<String, OciRuntime> handlers(DriverContext context, RuntimeChoice choice, OciRuntime standard) {
        return context.handlers().mapValues(handler -> choice.of(
                handler.get("runtime").flatMap(Settings::runtime).getOrElse(standard.binary()),
                Settings.list(handler.get("runtime_args").getOrElse(""))));
    }

    private static ImageStore store(Layout layout, Settings settings) throws DriverException {
        var options = RegistryOptions.defaults().withHostsDirectories(settings.certsDirectories())
                .withStallTimeoutMillis(Math.toIntExact(settings.stallTimeout().toMillis()))
                .withParallelLayers(settings.parallelLayers());
        return ImageStore.open(layout.images(), options).getOrElseThrow(failure -> Failures.failed("%s", failure.message()));
    }
}
