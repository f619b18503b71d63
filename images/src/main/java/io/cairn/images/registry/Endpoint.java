package io.cairn.images.registry;

import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * One host that may be asked for the images of a registry: the registry itself or a mirror of it.
 *
 * @param base URL up to and with the API's root, as a rule {@code …/v2}; no slash at its end
 * @param namespace the registry a mirror is asked on behalf of, sent as {@code ns}
 * @param headers sent to this host with every request, never to another one
 */
record Endpoint(URI base, Set<Capability> capabilities, Tls tls, Map<String, Vector<String>> headers, Option<Integer> connectTimeoutMillis,
        Option<String> namespace) {
    enum Capability { PULL, RESOLVE }

    String host() {
        return base.getAuthority();
    }

    /** @param path below the API's root, with its leading slash */
    URI at(String path) {
        String query = namespace.map(ns -> "?ns=" + URLEncoder.encode(ns, StandardCharsets.UTF_8)).getOrElse("");
        return URI.create(base + path + query);
    }
}
