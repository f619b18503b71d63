package io.cairn.driver.containerd;

import io.cairn.core.driver.CgroupDriver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.io.Output;
import io.cairn.driver.containerd.io.Outputs;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.Node;
import io.cairn.driver.host.PodInits;
import io.cairn.driver.host.Sandboxes;
import io.cairn.driver.host.UnseenExits;
import io.cairn.images.registry.RegistryClient;
import io.cairn.linux.Poller;
import io.cairn.network.PodNamespaces;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the driver together. A containerd that is not there yet is no reason not to start: what needs it says so. */
final class Opening {
    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private Opening() {}

    static ContainerdDriver open(DriverContext context) throws DriverException {
        Settings settings = Settings.of(context);
        var layout = new ContainerdLayout(context.stateDirectory(), context.runDirectory());
        try {
            layout.makeDirectories();
            boolean systemd = settings.cgroups().usesSystemd();
            Node node = Node.of(layout, settings.host(), systemd);
            LastSeen lastSeen = LastSeen.open(layout.alive());
            Backend backend = backend(settings, layout, node, lastSeen, runtimes(context, settings, layout, systemd));
            return driver(settings, layout, systemd, lastSeen, backend);
        } catch (IOException e) {
            throw Failures.io("Cannot open the driver containerd", e);
        }
    }

    /** What is not opened after all does not stay open. */
    private static ContainerdDriver driver(Settings settings, ContainerdLayout layout, boolean systemd, LastSeen lastSeen, Backend backend)
            throws IOException, DriverException {
        boolean opened = false;
        try {
            var inits = new PodInits(layout, new ContainerdInits(backend), backend.node());
            inits.installProgram();
            var sandboxes = new Sandboxes(layout, inits, backend.runtimes(), backend.node(), new PodNamespaces());
            reopenOutputs(backend);
            takeAwayStrays(backend);
            CgroupDriver cgroups = systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
            String description = "%s, snapshotter %s, runtime %s, cgroups %s by %s, state in %s".formatted(greet(backend), settings.snapshotter(),
                    settings.runtime(), backend.node().facts().cgroups().layout(), cgroups, layout.state());
            var driver = new ContainerdDriver(backend, sandboxes, settings.restoredImages(), lastSeen, description, cgroups);
            opened = true;
            return driver;
        } finally {
            if (!opened) {
                backend.close();
            }
        }
    }

    private static Backend backend(Settings settings, ContainerdLayout layout, Node node, LastSeen lastSeen, Runtimes runtimes)
            throws IOException {
        Boot boot = Boot.current(settings.host().bootIdFile());
        Poller poller = Poller.open();
        Outputs outputs = Outputs.open(poller, layout.programs());
        var containerd = new Connection(settings.address(), settings.namespace(), settings.callTimeout());
        var images = new ContainerdImages(containerd, settings.snapshotter(), new RegistryClient(settings.host().registry()),
                settings.host().verification());
        var tasks = new Tasks(containerd);
        return new Backend(layout, boot, runtimes, containerd, tasks, new ContainerRecords(containerd), new SnapshotRoots(images, layout),
                new ShimsCriu(containerd, settings.callTimeout()), new Exits(boot, tasks, new UnseenExits(boot, lastSeen)), node, outputs, poller);
    }

    private static Runtimes runtimes(DriverContext context, Settings settings, ContainerdLayout layout, boolean systemd) {
        var standard = new Runtimes.Runtime(settings.runtime(), Option.none(), layout.runtimeRoot(), systemd);
        Map<String, Runtimes.Runtime> handlers = context.handlers().mapValues(handler -> new Runtimes.Runtime(
                handler.get("containerd_runtime").filter(name -> !name.isEmpty()).getOrElse(settings.runtime()),
                handler.get("runtime").filter(path -> !path.equals("auto")).map(Path::of), layout.runtimeRoot(), systemd));
        return Runtimes.of(standard, handlers, settings.callTimeout());
    }

    /** Of what may still write, or has written what is not in its log yet. */
    private static void reopenOutputs(Backend backend) throws IOException {
        for (String id : FileTrees.names(backend.layout().containers())) {
            Option<Container> container = Container.read(backend.layout().container(id));
            boolean writes = container.exists(c -> Files.exists(c.files().attempt()) && Files.notExists(c.files().settled()));
            if (writes) {
                reopenOutput(backend, container.get());
            }
        }
    }

    private static void reopenOutput(Backend backend, Container container) {
        Output output;
        try {
            output = backend.outputs().open(container.output(), new ShimTask(backend.tasks(), container.id(), Tasks.MAIN));
        } catch (IOException e) {
            LOG.error("The output of container {} is not brought to its log any more: {}", container.id(), e.getMessage());
            return;
        }
        try {
            output.awaitReady();
        } catch (IOException e) {
            LOG.error("The output of container {} is brought to its log, but what it writes while no daemon runs may be lost: {}",
                    container.id(), e.getMessage());
        }
    }

    /** What pulls have left behind that were cut short: half a blob, half a layer. */
    private static void takeAwayStrays(Backend backend) {
        try {
            new Content(backend.containerd()).abortStrays();
            backend.roots().images().removeStrays();
        } catch (DriverException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    private static String greet(Backend backend) {
        Connection containerd = backend.containerd();
        String version;
        try {
            version = new Plugins(containerd).version();
        } catch (DriverException e) {
            version = "(not answering at the start)";
        }
        return "containerd %s (%s, namespace %s)".formatted(version, containerd.socket(), containerd.namespace());
    }
}
