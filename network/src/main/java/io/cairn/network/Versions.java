package io.cairn.network;

import io.cairn.network.NetworkList.Plugin;
import io.cairn.network.PluginRunner.Call;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which CNI versions the plugins speak, asked once per file (CNI spec, VERSION). A configuration may offer several
 * ({@code cniVersions}) and its plugins be older than the newest of them. Thread-safe.
 */
final class Versions {
    private static final Logger LOG = LoggerFactory.getLogger(Versions.class);

    private final PluginRunner runner;
    private final Duration timeout;
    private final ConcurrentHashMap<Path, Known> known = new ConcurrentHashMap<>();

    /** @param versions none where the plugin did not tell */
    private record Known(FileTime modified, long sizeBytes, Option<Set<String>> versions) {}

    Versions(PluginRunner runner, Duration timeout) {
        this.runner = runner;
        this.timeout = timeout;
    }

    /** The network in the highest of its versions that all of its plugins speak; in its highest where there is none. */
    NetworkList choose(NetworkList network) {
        var chosen = network.versions().size() == 1
                ? network.highestVersion()
                : network.versions().find(v -> network.plugins().forAll(p -> speaks(network, p, v))).getOrElse(network::highestVersion);
        return network.withVersion(chosen);
    }

    /** Why a plugin cannot be used with the version of the network; none where it can or does not tell. */
    Option<String> objection(NetworkList network, Plugin plugin) {
        return ask(network, plugin)
                .filter(versions -> !versions.contains(network.highestVersion().text()))
                .map(versions -> Text.clean(versions.toSortedSet().mkString(", "), 200))
                .map(versions -> "Network %s is configured for CNI version %s, but plugin %s only speaks %s"
                        .formatted(network.name(), network.highestVersion().text(), plugin.type(), versions));
    }

    private boolean speaks(NetworkList network, Plugin plugin, CniVersion version) {
        return ask(network, plugin).forAll(versions -> versions.contains(version.text()));
    }

    private Option<Set<String>> ask(NetworkList network, Plugin plugin) {
        return runner.find(plugin.type()).flatMap(binary -> {
            try {
                FileTime modified = Files.getLastModifiedTime(binary);
                long sizeBytes = Files.size(binary);
                Known before = known.get(binary);
                if (before == null || !before.modified().equals(modified) || before.sizeBytes() != sizeBytes) {
                    before = new Known(modified, sizeBytes, probe(network, plugin, binary));
                    known.put(binary, before);
                }
                return before.versions();
            } catch (IOException replacedMeanwhile) {
                return Option.none();
            }
        });
    }

    private Option<Set<String>> probe(NetworkList network, Plugin plugin, Path binary) {
        byte[] request = Json.bytes(Json.object().put("cniVersion", network.highestVersion().text()));
        try {
            byte[] answer = runner.run(new Call(network.name(), plugin.type(), binary, "VERSION", HashMap.empty(), request, timeout));
            return Json.parseObject(answer).toOption()
                    .map(o -> (Set<String>) HashSet.ofAll(Json.texts(o.path("supportedVersions"))))
                    .filter(versions -> !versions.isEmpty());
        } catch (NetworkException e) {
            LOG.debug("Plugin {} does not tell its CNI versions: {}", plugin.type(), e.getMessage());
            return Option.none();
        }
    }
}
