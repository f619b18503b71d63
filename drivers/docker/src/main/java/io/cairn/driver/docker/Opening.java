package io.cairn.driver.docker;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ResourceBackend;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.images.DockerImages;
import io.cairn.driver.docker.images.PodImage;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.ContainerResources;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.Node;
import io.cairn.driver.host.UnseenExits;
import io.cairn.images.registry.RegistryClient;
import io.cairn.network.PodNamespaces;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;

/** Puts the driver together. An engine that is not there yet is no reason not to start: what needs it says so. */
final class Opening {
    private Opening() {}

    static DockerDriver open(DriverContext context) throws DriverException {
        Settings settings = Settings.of(context);
        var layout = new DockerLayout(context.stateDirectory(), context.runDirectory());
        var engine = new Engine(settings.socket(), settings.callTimeout());
        boolean opened = false;
        try {
            layout.makeDirectories();
            DockerDriver driver = open(context, settings, layout, engine);
            opened = true;
            return driver;
        } catch (IOException e) {
            throw Failures.io("Cannot open the driver docker", e);
        } finally {
            // What is not opened after all does not stay open.
            if (!opened) {
                engine.close();
            }
        }
    }

    private static DockerDriver open(DriverContext context, Settings settings, DockerLayout layout, Engine engine) throws IOException, DriverException {
        var facts = new EngineFacts(engine, layout.engine());
        var owned = new Owned(engine, settings.owner());
        Map<String, Option<String>> handlers = context.handlers().mapValues(handler ->
                handler.get("runtime").filter(name -> !name.isEmpty() && !name.equals("auto")));
        Node node = Node.of(layout, settings.host(), facts.cgroups() == io.cairn.oci.CgroupDriver.SYSTEMD);
        Boot boot = Boot.current(settings.host().bootIdFile());
        LastSeen lastSeen = LastSeen.open(layout.alive());
        var images = new DockerImages(engine, settings.owner(), layout.images(), new RegistryClient(settings.host().registry()),
                settings.host().verification());
        var exits = new Exits(boot, owned, new UnseenExits(boot, lastSeen));
        var backend = new Backend(layout, boot, engine, facts, owned, new Runtimes(facts, handlers), exits, node, images,
                new PodImage(engine, images, settings.pauseImage())::id, settings.engineStats(), new ImageConfigs(engine), new Users(owned, engine));
        String description = "%s, cgroups %s by %s, state in %s".formatted(greet(engine, facts), node.facts().cgroups().layout(), facts.cgroups(),
                layout.state());
        return new DockerDriver(backend, new Pods(backend, new PodNamespaces()), resources(backend), lastSeen, description);
    }

    private static ResourceBackend resources(Backend backend) {
        return new ContainerResources(backend.layout(), new WritableLayer(backend)::usage, backend.node(), new ContainerUpdate(backend)::update);
    }

    private static String greet(Engine engine, EngineFacts facts) {
        try {
            return "docker %s (%s, API %s, storage driver %s)".formatted(facts.get().version(), engine.socket(), engine.api(), facts.get().storageDriver());
        } catch (DriverException e) {
            return "docker (not answering at the start) (%s)".formatted(engine.socket());
        }
    }
}
