package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.effect.StreamOperations;
import io.cairn.core.engine.Origin;
import io.cairn.proto.cri.PortForwardRequest;
import io.cairn.proto.cri.PortForwardResponse;
import io.cairn.streaming.Endpoint;
import io.grpc.Status;
import io.vavr.collection.Vector;

/** CRI PortForward: a URL where a client reaches the ports of a pod. */
final class PortForward implements Verb<PortForwardRequest, PortForwardResponse> {
    /** Each takes two channels of a connection, and those are numbered by a byte. */
    private static final int PORTS_MAX = 100;

    private final StreamOperations streams;
    private final StreamUrls urls;
    private final Lookup lookup;

    PortForward(StreamOperations streams, StreamUrls urls, Lookup lookup) {
        this.streams = streams;
        this.urls = urls;
        this.lookup = lookup;
    }

    @Override
    public PortForwardResponse serve(PortForwardRequest request, Call call) {
        Vector<Integer> ports = Vector.ofAll(request.getPortList());
        if (ports.size() > PORTS_MAX) {
            throw Call.invalid("port: expected at most %d ports, but got %d", PORTS_MAX, ports.size());
        }
        ports.forEach(port -> Valid.require(port >= 1 && port <= 65535, "port", "ports from 1 to 65535", Integer.toString(port)));
        Sandbox sandbox = lookup.sandbox(request.getPodSandboxId(), call);
        if (!sandbox.isReady()) {
            throw Status.FAILED_PRECONDITION.withDescription("pod sandbox %s (%s) is not ready: its ports cannot be reached"
                    .formatted(sandbox.key(), sandbox.id())).asRuntimeException();
        }
        Origin origin = call.origin();
        return PortForwardResponse.newBuilder().setUrl(urls.to(new Endpoint.Ports(ports,
                () -> streams.forward(new Command.ForwardPorts(sandbox.id(), ports), origin).mapLeft(StreamUrls::told)))).build();
    }
}
