package io.cairn.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.network.Attachment.Interface;
import io.cairn.network.Attachment.Ip;
import io.cairn.network.Attachment.Route;
import io.vavr.collection.List;
import io.vavr.collection.Seq;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.regex.Pattern;

/** A plugin's answer to ADD, read with suspicion (CNI spec, section 5 "ADD Success"; before 1.0.0 {@code ips} also had a version). */
final class CniResult {
    private static final int ITEMS_MAX = 4096;
    private static final int NAME_CHARS_MAX = 256;
    private static final int ADDRESS_CHARS_MAX = 45;
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private CniResult() {}

    /** Brings a plugin's answer into the version of the network, in which the next plugin and DEL will want it. */
    static Either<String, ObjectNode> normalize(ObjectNode answer, CniVersion version) {
        Option<String> own = Json.word(answer, "cniVersion");
        if (own.exists(v -> CniVersion.of(v).isEmpty())) {
            return Either.left("expected a result of CNI version %s, but got %s".formatted(version.text(), Text.quote(own.get())));
        }
        ObjectNode result = answer.deepCopy().put("cniVersion", version.text());
        for (JsonNode node : result.path("ips")) {
            if (node instanceof ObjectNode ip) {
                if (version.atLeast(CniVersion.V1_0_0)) {
                    ip.remove("version");
                } else {
                    ip.put("version", Json.text(ip, "address").exists(a -> a.contains(":")) ? "6" : "4");
                }
            }
        }
        return Either.right(result);
    }

    static Either<String, Attachment> parse(String network, ObjectNode result) {
        return items(result, "interfaces", CniResult::networkInterface).flatMap(interfaces ->
                items(result, "ips", node -> ip(node, interfaces.size())).flatMap(ips ->
                        items(result, "routes", CniResult::route).map(routes -> new Attachment(
                                network, ips, interfaces, routes, dns(result), new String(Json.bytes(result), StandardCharsets.UTF_8)))));
    }

    private static <T> Either<String, List<T>> items(ObjectNode result, String key, Function<JsonNode, Either<String, T>> read) {
        JsonNode array = result.path(key);
        if (array.isMissingNode() || array.isNull()) {
            return Either.right(List.empty());
        }
        if (!array.isArray() || array.size() > ITEMS_MAX) {
            return Either.left("expected \"%s\" to be a list of at most %d".formatted(key, ITEMS_MAX));
        }
        return Either.sequenceRight(List.ofAll(array).map(read))
                .map(Seq::toList)
                .mapLeft(reason -> "%s: %s".formatted(key, reason));
    }

    private static Either<String, Interface> networkInterface(JsonNode node) {
        return Json.word(node, "name").filter(n -> n.length() <= NAME_CHARS_MAX)
                .toEither(() -> "expected a \"name\", but got " + Text.quote(node.toString()))
                .map(name -> new Interface(name, Json.word(node, "mac"), Json.word(node, "sandbox")));
    }

    private static Either<String, Ip> ip(JsonNode node, int interfaces) {
        JsonNode index = node.path("interface");
        if (!(index.isMissingNode() || index.isNull() || index.isInt() && index.intValue() >= 0 && index.intValue() < interfaces)) {
            return Either.left("expected \"interface\" to be the index of one of %d interfaces, but got %s"
                    .formatted(interfaces, Text.quote(index.toString())));
        }
        Option<Integer> owner = index.isInt() ? Option.some(index.intValue()) : Option.none();
        return cidr(node, "address").flatMap(address -> gateway(node, "gateway").map(gateway ->
                new Ip(address.address(), address.prefixLength(), gateway, owner)));
    }

    private static Either<String, Route> route(JsonNode node) {
        return cidr(node, "dst").flatMap(dst -> gateway(node, "gw").map(gw -> new Route(dst.address() + "/" + dst.prefixLength(), gw)));
    }

    private static Either<String, Option<String>> gateway(JsonNode node, String key) {
        Option<String> text = Json.word(node, key);
        return text.isEmpty() || address(text.get()).isDefined()
                ? Either.right(text)
                : Either.left("expected \"%s\" to be an IP address, but got %s".formatted(key, Text.quote(text.get())));
    }

    private record Cidr(String address, int prefixLength) {}

    private static Either<String, Cidr> cidr(JsonNode node, String key) {
        String text = Json.text(node, key).getOrElse("");
        int slash = text.indexOf('/');
        var address = slash < 0 ? Option.<InetAddress>none() : address(text.substring(0, slash));
        String prefix = text.substring(slash + 1);
        int bits = prefix.matches("[0-9]{1,3}") ? Integer.parseInt(prefix) : -1;
        return address.isDefined() && bits >= 0 && bits <= (address.get() instanceof Inet4Address ? 32 : 128)
                ? Either.right(new Cidr(text.substring(0, slash), bits))
                : Either.left("expected \"%s\" in CIDR notation, but got %s".formatted(key, Text.quote(node.path(key).toString())));
    }

    /** Only full literals: the JDK would also take 10.1 for 10.0.0.1, and an IPv6 zone. */
    static Option<InetAddress> address(String text) {
        boolean plausible = text.contains(":") ? text.indexOf('%') < 0 : IPV4.matcher(text).matches();
        if (!plausible || text.length() > ADDRESS_CHARS_MAX) {
            return Option.none();
        }
        try {
            return Option.some(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Option.none();
        }
    }

    private static DnsConfig dns(ObjectNode result) {
        JsonNode dns = result.path("dns");
        return new DnsConfig(Json.texts(dns.path("nameservers")), Json.texts(dns.path("search")), Json.texts(dns.path("options")));
    }
}
