package io.cairn.images.registry;

import io.cairn.images.registry.Endpoint.Capability;
import io.vavr.Tuple;
import io.vavr.Tuple2;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Which hosts to ask for a registry's images, in order. Configuration is read anew for every pull, so that a change needs
 * no restart.
 */
final class Hosts {
    private static final String HUB_HOST = "registry-1.docker.io";

    private Hosts() {}

    /** @throws IOException when the configuration for this registry is there but cannot be used */
    static Vector<Endpoint> of(String registry, List<Path> directories) throws IOException {
        for (Path directory : directories) {
            for (String name : directoryNames(registry)) {
                Path entry = directory.resolve(name);
                if (Files.isDirectory(entry)) {
                    return fromDirectory(entry, registry);
                }
            }
        }
        return Vector.of(byDefault(registry));
    }

    /** A port is written {@code _5000_} where a colon in a file name is a bother (containerd, docs/hosts.md). */
    private static List<String> directoryNames(String registry) {
        int colon = registry.lastIndexOf(':');
        boolean hasPort = colon > registry.lastIndexOf(']');
        List<String> own = hasPort
                ? List.of(registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_", registry)
                : List.of(registry);
        return own.append("_default");
    }

    private static Vector<Endpoint> fromDirectory(Path entry, String registry) throws IOException {
        Path file = entry.resolve("hosts.toml");
        if (Files.exists(file) && Files.size(file) > 0) {
            return HostsFile.read(file, registry);
        }
        Endpoint own = byDefault(registry);
        return Vector.of(new Endpoint(
                own.base(), own.capabilities(), dockerCertificates(entry), own.headers(), Option.none(), Option.none()));
    }

    /** Docker's pattern: *.crt are authorities, *.cert with *.key are client certificates. */
    private static Tls dockerCertificates(Path entry) throws IOException {
        Vector<Path> authorities = Vector.empty();
        Vector<Tuple2<Path, Path>> pairs = Vector.empty();
        try (Stream<Path> files = Files.list(entry)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                String name = file.getFileName().toString();
                if (name.endsWith(".crt")) {
                    authorities = authorities.append(file);
                } else if (name.endsWith(".cert")) {
                    Path key = file.resolveSibling(name.substring(0, name.length() - ".cert".length()) + ".key");
                    pairs = pairs.append(Tuple.of(file, Files.exists(key) ? key : file));
                }
            }
        }
        return new Tls(authorities, pairs, false);
    }

    /** Without configuration: TLS, but plain HTTP for a registry on this machine's loopback (unless on port 443). */
    static Endpoint byDefault(String registry) {
        String host = registry.equals(ImageReference.DOCKER_HUB) ? HUB_HOST : registry;
        String scheme = isLoopback(host) && !host.endsWith(":443") ? "http" : "https";
        return new Endpoint(URI.create(scheme + "://" + host + "/v2"), HashSet.of(Capability.values()), Tls.DEFAULT, HashMap.empty(),
                Option.none(), Option.none());
    }

    static boolean isLoopback(String host) {
        return host.matches("(?i)(localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(:\\d+)?");
    }
}
