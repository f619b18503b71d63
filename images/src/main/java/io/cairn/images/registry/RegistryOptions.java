package io.cairn.images.registry;

import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import java.nio.file.Path;

/**
 * How registries are talked to.
 *
 * @param hostsDirectories searched in order for {@code <registry>/hosts.toml}; the first directory that has an entry for a
 *     registry counts, as with containerd's {@code config_path}
 * @param connectTimeoutMillis to open a connection, unless hosts.toml says otherwise ({@code dial_timeout})
 * @param responseTimeoutMillis from the request to the head of its answer
 * @param stallTimeoutMillis without a single byte of a body before the connection is given up; a slow body that keeps
 *     moving has no limit
 * @param retryDelayMillis before the same host is asked again
 * @param triesPerHost how often a host is asked in a row without a single new byte, 1 or more
 * @param parallelLayers how many layers of one image are downloaded at the same time, 1 or more
 * @param environment where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked up
 */
public record RegistryOptions(List<Path> hostsDirectories, int connectTimeoutMillis, int responseTimeoutMillis, int stallTimeoutMillis,
        int retryDelayMillis, int triesPerHost, int parallelLayers, Map<String, String> environment) {
    public static RegistryOptions defaults() {
        return new RegistryOptions(List.empty(), 30_000, 60_000, 60_000, 500, 3, 3, HashMap.ofAll(System.getenv()));
    }

    public RegistryOptions withHostsDirectories(List<Path> directories) {
        return new RegistryOptions(directories, connectTimeoutMillis, responseTimeoutMillis, stallTimeoutMillis, retryDelayMillis,
                triesPerHost, parallelLayers, environment);
    }

    public RegistryOptions withStallTimeoutMillis(int millis) {
        return new RegistryOptions(hostsDirectories, connectTimeoutMillis, responseTimeoutMillis, millis, retryDelayMillis,
                triesPerHost, parallelLayers, environment);
    }

    public RegistryOptions withRetries(int tries, int delayMillis) {
        return new RegistryOptions(hostsDirectories, connectTimeoutMillis, responseTimeoutMillis, stallTimeoutMillis, delayMillis,
                tries, parallelLayers, environment);
    }

    public RegistryOptions withParallelLayers(int layers) {
        return new RegistryOptions(hostsDirectories, connectTimeoutMillis, responseTimeoutMillis, stallTimeoutMillis, retryDelayMillis,
                triesPerHost, layers, environment);
    }

    public RegistryOptions withEnvironment(Map<String, String> variables) {
        return new RegistryOptions(hostsDirectories, connectTimeoutMillis, responseTimeoutMillis, stallTimeoutMillis, retryDelayMillis,
                triesPerHost, parallelLayers, variables);
    }
}
