package io.cairn.driver.runc;

import io.cairn.core.driver.CgroupDriver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.HostSettings;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.Node;
import io.cairn.driver.host.PodInits;
import io.cairn.driver.host.Sandboxes;
import io.cairn.driver.host.UnseenExits;
import io.cairn.images.ImageStore;
import io.cairn.linux.Poller;
import io.cairn.network.PodNamespaces;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts the driver together: looks at the host, finds the OCI runtime and conmon, opens the image store. */
final class Opening {
    private Opening() {}

    static RuncDriver open(DriverContext context) throws DriverException {
        Settings settings = Settings.of(context);
        var layout = new RuncLayout(context.stateDirectory(), context.runDirectory(), settings.runtimeRoot());
        try {
            layout.makeDirectories();
            Boot boot = Boot.current(settings.host().bootIdFile());
            boolean systemd = settings.cgroups().usesSystemd();
            Node node = Node.of(layout, settings.host(), systemd);
            Answers answers = Answers.read(layout.run(), boot);
            var choice = new RuntimeChoice(layout, boot, answers, systemd, node.facts().architecture(), settings.commandTimeout());
            RuntimeChoice.Working working = choice.choose(settings.runtime());
            String conmonVersion = conmonVersion(settings, answers);
            Runtimes runtimes = Runtimes.of(working.runtime(), handlers(context, choice, working.runtime()), answers);
            answers.remember();
            LastSeen lastSeen = LastSeen.open(layout.alive());
            var inits = new PodInits(layout, new RuncInits(runtimes), node);
            inits.installProgram();
            var sandboxes = new Sandboxes(layout, inits, runtimes, node, new PodNamespaces());
            var conmon = new Conmon(settings.conmon(), settings.commandTimeout());
            ImageRoots images = new ImageRoots(store(layout, settings.host()));
            var backend = new Backend(layout, boot, runtimes, conmon, images, new Exits(new UnseenExits(boot, lastSeen)), node,
                    new RuncCriu(layout.run().resolve("criu"), settings.criu(), settings.commandTimeout()), Poller.open());
            CgroupDriver cgroups = systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
            String description = "%s (%s), %s (%s), cgroups %s by %s, state in %s".formatted(working.version(), working.runtime().binary(),
                    conmonVersion, settings.conmon(), node.facts().cgroups().layout(), cgroups, layout.state());
            return new RuncDriver(backend, sandboxes, images, settings.restoredImages(), lastSeen, description, cgroups);
        } catch (IOException e) {
            throw Failures.io("Cannot open the driver runc", e);
        }
    }

    private static String conmonVersion(Settings settings, Answers answers) throws DriverException, IOException {
        Path conmon = settings.conmon();
        if (!Files.isExecutable(conmon)) {
            throw Failures.of(Failure.Kind.UNAVAILABLE,
                    "Expected conmon at %s, but it is not there: install the package conmon, or set drivers.runc.conmon", conmon);
        }
        return answers.to(new Command("Asking conmon for its version", List.of(conmon.toString(), "--version"), HashMap.empty(),
                Path.of("/"), settings.commandTimeout(), 1 << 12)).stdout().toStringUtf8().lines().findFirst().orElse("conmon");
    }

    private static Map<String, OciRuntime> handlers(DriverContext context, RuntimeChoice choice, OciRuntime standard) {
        return context.handlers().mapValues(handler -> choice.of(
                handler.get("runtime").flatMap(Settings::runtime).getOrElse(standard.binary()),
                HostSettings.list(handler.get("runtime_args").getOrElse(""))));
    }

    private static ImageStore store(RuncLayout layout, HostSettings settings) throws DriverException {
        return ImageStore.open(layout.images(), settings.registry(), settings.verification())
                .getOrElseThrow(failure -> Failures.failed("%s", failure.message()));
    }
}
