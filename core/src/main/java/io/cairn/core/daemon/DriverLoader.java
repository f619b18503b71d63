package io.cairn.core.daemon;

import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.DriverProvider;
import io.cairn.core.effect.Drivers;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ServiceLoader;

/** Finds and opens the drivers that are needed: the default one, those of the handlers, and those the journal's pods belong to. */
final class DriverLoader {
    private DriverLoader() {}

    static Drivers load(DaemonOptions options, State state) throws StartException, DriverException, IOException {
        Map<String, DriverProvider> providers = Vector.ofAll(ServiceLoader.load(DriverProvider.class)).toMap(DriverProvider::name, p -> p);
        Map<String, String> handlers = options.handlers().mapValues(settings -> settings.getOrElse("driver", options.defaultDriver()));
        Map<String, Driver> opened = HashMap.empty();
        for (String name : needed(options, handlers, state)) {
            DriverProvider provider = providers.get(name).getOrElseThrow(() -> new StartException(
                    "Driver \"%s\" is needed by the configuration or by pods of this node, but known are: %s".formatted(name,
                            providers.keySet().toSortedSet().mkString(", "))));
            opened = opened.put(name, provider.open(context(options, name, handlers)));
        }
        return new Drivers(opened, options.defaultDriver(), handlers);
    }

    private static Set<String> needed(DaemonOptions options, Map<String, String> handlers, State state) {
        return handlers.values().toSet().add(options.defaultDriver()).addAll(state.sandboxes().values().map(Sandbox::driver))
                .addAll(state.images().values().map(Image::driver));
    }

    private static DriverContext context(DaemonOptions options, String name, Map<String, String> handlers) throws IOException {
        return new DriverContext(directory(options.stateDirectory().resolve(name)), directory(options.runDirectory().resolve(name)),
                options.driverSettings(), options.handlers().filterKeys(handler -> handlers.apply(handler).equals(name)));
    }

    private static Path directory(Path path) throws IOException {
        return Files.isDirectory(path) ? path
                : Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
