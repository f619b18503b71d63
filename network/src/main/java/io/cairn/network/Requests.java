package io.cairn.network;

import io.cairn.network.NetworkException.Kind;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Checks what a pod brings along before anything is begun. */
final class Requests {
    private static final int PORT_MAX = 65_535;
    private static final int PORTS_MAX = 4096;
    private static final int ITEMS_MAX = 1024;
    /** Kubernetes allows 256 KiB in all. */
    private static final int ANNOTATION_BYTES_MAX = 256 << 10;
    /** Anything else could end a value of CNI_ARGS and begin another. */
    private static final Pattern ARGUMENT = Pattern.compile("[A-Za-z0-9._:-]{0,253}");
    private static final Pattern ADDRESS_PREFIX = Pattern.compile("/[0-9]{1,3}");

    private Requests() {}

    static void check(AttachRequest request) throws NetworkException {
        check(request.pod());
        checkPorts(request.portMappings());
        for (String ip : request.requestedIps()) {
            require(isAddress(ip, true), "requested IP %s is no address", ip);
        }
        for (IpRange range : request.ipRanges().flatMap(pools -> pools)) {
            boolean cidr = range.subnet().indexOf('/') > 0 && isAddress(range.subnet(), true);
            require(cidr, "subnet %s is not in CIDR notation", range.subnet());
            for (String bound : List.of(range.rangeStart(), range.rangeEnd(), range.gateway()).flatMap(Option::toList)) {
                require(isAddress(bound, false), "%s of an IP range is no address", bound);
            }
        }
        int items = request.requestedIps().size() + request.ipRanges().map(List::size).sum().intValue();
        require(items <= ITEMS_MAX, "more than %s addresses and ranges", ITEMS_MAX);
        int bytes = request.annotations().foldLeft(0, (sum, a) -> sum + utf8Length(a._1) + utf8Length(a._2));
        require(bytes <= ANNOTATION_BYTES_MAX, "more than %s bytes of annotations", ANNOTATION_BYTES_MAX);
    }

    static void check(DetachRequest request) throws NetworkException {
        check(request.pod());
        checkPorts(request.portMappings());
    }

    static void checkId(String sandboxId) throws NetworkException {
        require(NetworkList.isName(sandboxId), "sandbox id %s is not a letter or digit followed by those or _ . -", sandboxId);
    }

    private static void check(PodIdentity pod) throws NetworkException {
        checkId(pod.sandboxId());
        for (String value : List.of(pod.namespace(), pod.name(), pod.uid())) {
            require(ARGUMENT.matcher(value).matches(), "%s cannot be a pod's namespace, name or uid", value);
        }
    }

    private static void checkPorts(List<PortMapping> mappings) throws NetworkException {
        require(mappings.size() <= PORTS_MAX, "more than %s port mappings", PORTS_MAX);
        for (PortMapping mapping : mappings) {
            int port = mapping.containerPort();
            require(port >= 1 && port <= PORT_MAX, "container port %s is out of range", port);
            int hostPort = mapping.hostPort();
            require(hostPort >= 0 && hostPort <= PORT_MAX, "host port %s is out of range", hostPort);
            String hostIp = mapping.hostIp().getOrElse("");
            require(hostIp.isEmpty() || isAddress(hostIp, false), "host IP %s is no address", hostIp);
        }
    }

    private static boolean isAddress(String text, boolean prefixAllowed) {
        int slash = text.indexOf('/');
        return slash < 0
                ? CniResult.address(text).isDefined()
                : prefixAllowed && ADDRESS_PREFIX.matcher(text.substring(slash)).matches()
                        && CniResult.address(text.substring(0, slash)).isDefined();
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void require(boolean held, String otherwise, Object subject) throws NetworkException {
        if (!held) {
            throw new NetworkException(Kind.INVALID_REQUEST, otherwise.formatted(Text.quote(String.valueOf(subject))));
        }
    }
}
