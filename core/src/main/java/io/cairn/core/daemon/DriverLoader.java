package io.cairn.core.daemon;

import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.DriverProvider;
import io.cairn.core.driver.Finding;
import io.cairn.core.effect.Drivers;
import io.vavr.collection.HashMap;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ServiceLoader;

/** Finds and opens the drivers that are needed: the default one, those of the handlers, and those the journal's pods belong to. */
public final class DriverLoader {
    private DriverLoader() {}

    static Drivers load(DaemonOptions options, State state) throws StartException, DriverException, IOException {
        Map<String, DriverProvider> providers = providers();
        Map<String, String> handlers = handlers(options);
        Map<String, Driver> opened = HashMap.empty();
        for (String name : needed(options, handlers, state)) {
            DriverProvider provider = providers.get(name).getOrElseThrow(() -> unknown(name, providers));
            makeDirectories(options, name);
            opened = opened.put(name, provider.open(context(options, name, handlers)));
        }
        return new Drivers(opened, options.defaultDriver(), handlers);
    }

    /** What the drivers that the configuration names find on this host, without being opened. */
    public static Map<String, Vector<Finding>> examine(DaemonOptions options) throws StartException {
        Map<String, DriverProvider> providers = providers();
        Map<String, String> handlers = handlers(options);
        Map<String, Vector<Finding>> found = LinkedHashMap.empty();
        for (String name : TreeSet.ofAll(handlers.values()).add(options.defaultDriver())) {
            DriverProvider provider = providers.get(name).getOrElseThrow(() -> unknown(name, providers));
            found = found.put(name, provider.examine(context(options, name, handlers)));
        }
        return found;
    }

    private static StartException unknown(String name, Map<String, DriverProvider> providers) {
        return new StartException("Driver \"%s\" is needed by the configuration or by pods of this node, but known are: %s".formatted(name,
                providers.keySet().toSortedSet().mkString(", ")));
    }

    private static Map<String, DriverProvider> providers() {
        return Vector.ofAll(ServiceLoader.load(DriverProvider.class)).toMap(DriverProvider::name, p -> p);
    }

    private static Map<String, String> handlers(DaemonOptions options) {
        return options.handlers().mapValues(settings -> settings.getOrElse("driver", options.defaultDriver()));
    }

    private static Set<String> needed(DaemonOptions options, Map<String, String> handlers, State state) {
        return handlers.values().toSet().add(options.defaultDriver()).addAll(state.sandboxes().values().map(Sandbox::driver))
                .addAll(state.images().values().map(Image::driver));
    }

    private static DriverContext context(DaemonOptions options, String name, Map<String, String> handlers) {
        return new DriverContext(options.stateDirectory().resolve(name), options.runDirectory().resolve(name), options.driverSettings(),
                options.handlers().filterKeys(handler -> handlers.apply(handler).equals(name)));
    }

    private static void makeDirectories(DaemonOptions options, String name) throws IOException {
        for (Path directory : new Path[] {options.stateDirectory().resolve(name), options.runDirectory().resolve(name)}) {
            if (!Files.isDirectory(directory)) {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        }
    }
}
