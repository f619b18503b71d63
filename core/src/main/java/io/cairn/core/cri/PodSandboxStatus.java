package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.PodSandboxStatusResponse;

/** CRI PodSandboxStatus, with the statuses of the pod's containers as of the same moment; verbose also asks the network plugins. */
final class PodSandboxStatus implements Verb<PodSandboxStatusRequest, PodSandboxStatusResponse> {
    private final Engine engine;
    private final Lookup lookup;
    private final PodNetworks networks;
    private final Clock clock;

    PodSandboxStatus(Engine engine, Lookup lookup, PodNetworks networks, Clock clock) {
        this.engine = engine;
        this.lookup = lookup;
        this.networks = networks;
        this.clock = clock;
    }

    @Override
    public PodSandboxStatusResponse serve(PodSandboxStatusRequest request, Call call) {
        Sandbox sandbox = lookup.sandbox(request.getPodSandboxId(), call);
        State state = engine.state();
        var response = PodSandboxStatusResponse.newBuilder().setStatus(Replies.sandboxStatus(sandbox)).setTimestamp(clock.wallNanos())
                .addAllContainersStatuses(state.containersOf(sandbox.id()).filter(Container::isVisible)
                        .map(container -> Replies.containerStatus(state, container)));
        if (request.getVerbose()) {
            response.putInfo("info", Info.of(sandbox, networks.check(sandbox)));
        }
        return response.build();
    }
}
