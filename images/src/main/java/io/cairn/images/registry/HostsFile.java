package io.cairn.images.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.cairn.images.registry.Endpoint.Capability;
import io.vavr.Tuple;
import io.vavr.Tuple2;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one containerd {@code hosts.toml} (containerd, docs/hosts.md): the mirrors in the order of the file, then the
 * server. A file that cannot be understood is an error and not passed over, since a mirror that is silently left out
 * sends the node to the public registry.
 */
final class HostsFile {
    private static final Logger LOG = LoggerFactory.getLogger(HostsFile.class);
    private static final TomlMapper TOML = new TomlMapper();
    private static final HashSet<String> KNOWN =
            HashSet.of("server", "host", "capabilities", "ca", "client", "skip_verify", "header", "override_path", "dial_timeout");
    /** Headers the HTTP client makes itself or that would change what a request means. */
    private static final HashSet<String> RESERVED =
            HashSet.of("connection", "content-length", "expect", "host", "upgrade", "transfer-encoding", "range", "accept");
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h)");

    private final Path file;
    private final String registry;

    private HostsFile(Path file, String registry) {
        this.file = file;
        this.registry = registry;
    }

    static Vector<Endpoint> read(Path file, String registry) throws IOException {
        if (Files.size(file) > RegistryLimits.MAX_HOSTS_TOML_BYTES) {
            throw new IOException("Expected at most %d bytes in %s, but it has %d"
                    .formatted(RegistryLimits.MAX_HOSTS_TOML_BYTES, file, Files.size(file)));
        }
        try {
            return new HostsFile(file, registry).endpoints(TOML.readTree(Files.readString(file, StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            throw new IOException("Expected TOML in %s, but line %d says: %s".formatted(file,
                    e.getLocation() == null ? 0 : e.getLocation().getLineNr(), Shown.text(e.getOriginalMessage(), 200)), e);
        }
    }

    private Vector<Endpoint> endpoints(JsonNode root) throws IOException {
        Vector<Endpoint> found = Vector.empty();
        for (var host : root.path("host").properties()) {
            found = found.append(endpoint(url(host.getKey(), host.getValue()), host.getValue()));
        }
        JsonNode server = root.path("server");
        if (server.isMissingNode()) {
            Endpoint own = Hosts.byDefault(registry);
            return found.append(endpoint(own.base(), root));
        }
        return found.append(endpoint(url(text(server, "server"), root), root));
    }

    private Endpoint endpoint(URI base, JsonNode table) throws IOException {
        table.fieldNames().forEachRemaining(key -> {
            if (!KNOWN.contains(key)) {
                LOG.warn("{}: the key '{}' is not known here and has no effect", file, Shown.text(key, 64));
            }
        });
        boolean isOwn = base.getAuthority().equals(Hosts.byDefault(registry).host());
        return new Endpoint(base, capabilities(table.path("capabilities")), tls(table), headers(table.path("header")),
                timeout(table.path("dial_timeout")), isOwn ? Option.none() : Option.of(registry));
    }

    private URI url(String text, JsonNode table) throws IOException {
        String withScheme = text.contains("://") ? text : "https://" + text;
        try {
            URI uri = URI.create(withScheme).normalize();
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (!http || uri.getHost() == null || uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null) {
                throw bad("a host as http(s)://name[:port][/path]", text);
            }
            String path = uri.getPath().replaceFirst("/+$", "");
            boolean keep = path.endsWith("/v2") || flag(table, "override_path");
            return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path + (keep ? "" : "/v2"));
        } catch (IllegalArgumentException e) {
            throw bad("a host as http(s)://name[:port][/path]", text);
        }
    }

    private Set<Capability> capabilities(JsonNode node) throws IOException {
        if (node.isMissingNode() || node.isEmpty()) {
            return HashSet.of(Capability.values());
        }
        Set<Capability> found = HashSet.empty();
        for (String name : texts(node, "capabilities")) {
            found = switch (name.toLowerCase(Locale.ROOT)) {
                case "pull" -> found.add(Capability.PULL);
                case "resolve" -> found.add(Capability.RESOLVE);
                case "push", "referrers" -> found;
                case String other -> throw bad("capabilities of pull, resolve, push and referrers", other);
            };
        }
        return found;
    }

    private Tls tls(JsonNode table) throws IOException {
        JsonNode ca = table.path("ca");
        Vector<Path> authorities = ca.isMissingNode() ? Vector.empty() : texts(ca, "ca").map(this::path);
        Vector<Tuple2<Path, Path>> pairs = Vector.empty();
        JsonNode client = table.path("client");
        if (client.isTextual()) {
            pairs = pairs.append(pair(Vector.of(client.asText())));
        } else if (client.isArray()) {
            for (JsonNode one : client) {
                pairs = pairs.append(pair(texts(one, "client")));
            }
        } else if (!client.isMissingNode()) {
            throw bad("client as a path, a list of paths or a list of pairs", client.toString());
        }
        return new Tls(authorities, pairs, flag(table, "skip_verify"));
    }

    private Tuple2<Path, Path> pair(Vector<String> files) throws IOException {
        if (files.isEmpty() || files.size() > 2) {
            throw bad("a certificate and its key in client", files.mkString(", "));
        }
        String certificate = files.head();
        String key = files.size() == 1 || files.last().isEmpty() ? certificate : files.last();
        return Tuple.of(path(certificate), path(key));
    }

    /** Values may be secrets: no message shows one. */
    private Map<String, Vector<String>> headers(JsonNode node) throws IOException {
        Map<String, Vector<String>> found = HashMap.empty();
        for (var header : node.properties()) {
            String name = header.getKey();
            if (!HEADER_NAME.matcher(name).matches() || RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
                throw bad("a header that may be set", name);
            }
            Vector<String> values = texts(header.getValue(), "header " + name);
            if (values.exists(v -> v.chars().anyMatch(c -> (c < ' ' && c != '\t') || c >= 127))) {
                throw bad("printable text in the header " + name, "a control or non-ASCII character");
            }
            found = found.put(name, values);
        }
        return found;
    }

    /** Go's form of a duration, one unit. */
    private Option<Integer> timeout(JsonNode node) throws IOException {
        if (node.isMissingNode()) {
            return Option.none();
        }
        Matcher matcher = DURATION.matcher(node.asText());
        if (!matcher.matches()) {
            throw bad("dial_timeout such as \"500ms\" or \"5s\"", node.asText());
        }
        int unitMillis = switch (matcher.group(2)) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case String hours -> 3_600_000;
        };
        double millis = Double.parseDouble(matcher.group(1)) * unitMillis;
        return Option.of((int) Math.clamp(millis, 1, Integer.MAX_VALUE));
    }

    private boolean flag(JsonNode table, String key) throws IOException {
        JsonNode node = table.path(key);
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw bad(key + " as true or false", node.toString());
        }
        return node.asBoolean(false);
    }

    private Vector<String> texts(JsonNode node, String key) throws IOException {
        if (node.isArray()) {
            Vector<String> all = Vector.empty();
            for (JsonNode one : node) {
                all = all.append(text(one, key));
            }
            return all;
        }
        return Vector.of(text(node, key));
    }

    private String text(JsonNode node, String key) throws IOException {
        if (!node.isTextual()) {
            throw bad(key + " as text or a list of texts", "something else");
        }
        return node.asText();
    }

    /** Relative paths are relative to the file that names them. */
    private Path path(String text) {
        return file.toAbsolutePath().getParent().resolve(text);
    }

    private IOException bad(String expected, String found) {
        return new IOException("Expected %s in %s, but found '%s'".formatted(expected, file, Shown.text(found, 200)));
    }
}
