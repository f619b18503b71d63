package io.cairn.core.effect;

import io.cairn.core.domain.Sandbox;
import io.cairn.network.AttachRequest;
import io.cairn.network.Attachment;
import io.cairn.network.Bandwidth;
import io.cairn.network.DetachRequest;
import io.cairn.network.DnsConfig;
import io.cairn.network.NetworkException;
import io.cairn.network.PodIdentity;
import io.cairn.network.PodNetwork;
import io.cairn.network.PortMapping;
import io.cairn.proto.cri.PodSandboxConfig;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;

/** From a sandbox's CRI configuration to what the network is asked. */
public final class PodNetworks {
    private final PodNetwork network;

    public PodNetworks(PodNetwork network) {
        this.network = network;
    }

    public PodNetwork network() {
        return network;
    }

    Vector<String> attach(Sandbox sandbox, Path namespace) throws NetworkException {
        Attachment attachment = network.attach(new AttachRequest(identity(sandbox), namespace, portMappings(sandbox.config()),
                bandwidth(sandbox.config()).getOrElse(Option.none()), List.empty(), List.empty(), dns(sandbox.config()),
                HashMap.ofAll(sandbox.config().getAnnotationsMap())));
        return attachment.podIps().map(Attachment.Ip::address).toVector();
    }

    void detach(Sandbox sandbox) throws NetworkException {
        if (!sandbox.usesHostNetwork()) {
            network.detach(new DetachRequest(identity(sandbox), sandbox.networkNamespace().map(Path::of), portMappings(sandbox.config())));
        }
    }

    /** Asks the plugins whether the pod's network is as it was made (CNI CHECK): "ok", or what is wrong. */
    public String check(Sandbox sandbox) {
        if (!sandbox.isReady() || sandbox.networkNamespace().isEmpty()) {
            return "not attached";
        }
        try {
            network.check(sandbox.id());
            return "ok";
        } catch (NetworkException e) {
            return e.getMessage();
        }
    }

    /** The traffic limits a pod's annotations ask for, or what is wrong with them. */
    public static Either<String, Option<Bandwidth>> bandwidth(PodSandboxConfig config) {
        return Bandwidth.fromAnnotations(HashMap.ofAll(config.getAnnotationsMap()));
    }

    private static PodIdentity identity(Sandbox sandbox) {
        return new PodIdentity(sandbox.id(), sandbox.key().namespace(), sandbox.key().name(), sandbox.key().uid());
    }

    private static List<PortMapping> portMappings(PodSandboxConfig config) {
        return List.ofAll(config.getPortMappingsList()).filter(port -> port.getHostPort() > 0).map(port -> new PortMapping(
                switch (port.getProtocol()) {
                    case TCP, UNRECOGNIZED -> PortMapping.Protocol.TCP;
                    case UDP -> PortMapping.Protocol.UDP;
                    case SCTP -> PortMapping.Protocol.SCTP;
                },
                port.getContainerPort(), port.getHostPort(), Option.of(port.getHostIp()).filter(ip -> !ip.isEmpty())));
    }

    private static Option<DnsConfig> dns(PodSandboxConfig config) {
        var dns = config.getDnsConfig();
        return Option.when(config.hasDnsConfig(), () -> new DnsConfig(List.ofAll(dns.getServersList()),
                List.ofAll(dns.getSearchesList()), List.ofAll(dns.getOptionsList())));
    }
}
