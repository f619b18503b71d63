package io.cairn.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.util.Locale;

/** What a pod asks for, in the form of the well-known capabilities (CONVENTIONS.md of containernetworking/cni). */
final class Capabilities {
    /** containerd's and CRI-O's name for it. */
    private static final String ANNOTATIONS = "io.kubernetes.cri.pod-annotations";

    private Capabilities() {}

    /** Only what the network declares: nothing else of the pod needs to be on record. */
    static ObjectNode of(AttachRequest request, Set<String> declared) {
        ObjectNode all = Json.object();
        putPorts(all, request.portMappings());
        request.bandwidth().forEach(b -> putBandwidth(all.putObject("bandwidth"), b));
        if (!request.ipRanges().isEmpty()) {
            request.ipRanges().forEach(pools -> {
                var array = all.withArray("ipRanges").addArray();
                pools.forEach(pool -> putRange(array.addObject(), pool));
            });
        }
        request.requestedIps().forEach(ip -> all.withArray("ips").add(ip));
        request.dns().forEach(dns -> putDns(all.putObject("dns"), dns));
        if (!request.annotations().isEmpty()) {
            ObjectNode annotations = all.putObject(ANNOTATIONS);
            request.annotations().forEach((key, value) -> annotations.put(key, value));
        }
        return all.retain(declared.toJavaSet());
    }

    static ObjectNode of(List<PortMapping> portMappings, Set<String> declared) {
        ObjectNode all = Json.object();
        putPorts(all, portMappings);
        return all.retain(declared.toJavaSet());
    }

    private static void putPorts(ObjectNode all, List<PortMapping> mappings) {
        mappings.filter(m -> m.hostPort() > 0).forEach(m -> {
            ObjectNode entry = all.withArray("portMappings").addObject()
                    .put("hostPort", m.hostPort())
                    .put("containerPort", m.containerPort())
                    .put("protocol", m.protocol().name().toLowerCase(Locale.ROOT));
            m.hostIp().filter(ip -> !ip.isEmpty()).forEach(ip -> entry.put("hostIP", ip));
        });
    }

    private static void putBandwidth(ObjectNode into, Bandwidth bandwidth) {
        bandwidth.ingress().forEach(l -> into.put("ingressRate", l.rateBitsPerSecond()).put("ingressBurst", l.burstBits()));
        bandwidth.egress().forEach(l -> into.put("egressRate", l.rateBitsPerSecond()).put("egressBurst", l.burstBits()));
    }

    private static void putRange(ObjectNode into, IpRange range) {
        into.put("subnet", range.subnet());
        put(into, "rangeStart", range.rangeStart());
        put(into, "rangeEnd", range.rangeEnd());
        put(into, "gateway", range.gateway());
    }

    private static void put(ObjectNode into, String key, Option<String> value) {
        value.forEach(v -> into.put(key, v));
    }

    private static void putDns(ObjectNode into, DnsConfig dns) {
        dns.servers().forEach(s -> into.withArray("servers").add(s));
        dns.searches().forEach(s -> into.withArray("searches").add(s));
        dns.options().forEach(o -> into.withArray("options").add(o));
    }
}
