package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Shown;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.PodSandboxStatusResponse;

/**
 * CRI PodSandboxStatus, with the statuses of the pod's containers as of the same moment; verbose also asks the network plugins.
 *
 * <p>The timestamp is that of the last event the statuses know of, not of the call: a kubelet that follows the events drops those that
 * are stamped earlier than the statuses it has. An event is stamped before its sync, so a call meanwhile would outdate it.
 */
final class PodSandboxStatus implements Verb<PodSandboxStatusRequest, PodSandboxStatusResponse> {
    private final Engine engine;
    private final Lookup lookup;
    private final PodNetworks networks;

    PodSandboxStatus(Engine engine, Lookup lookup, PodNetworks networks) {
        this.engine = engine;
        this.lookup = lookup;
        this.networks = networks;
    }

    @Override
    public PodSandboxStatusResponse serve(PodSandboxStatusRequest request, Call call) {
        // First: the pod may be newer than the timestamp says, never older.
        Shown shown = engine.shown();
        Sandbox sandbox = lookup.sandbox(request.getPodSandboxId(), call);
        var response = PodSandboxStatusResponse.newBuilder().setStatus(Replies.sandboxStatus(sandbox)).setTimestamp(shown.asOfNanos())
                .addAllContainersStatuses(shown.state().containersOf(sandbox.id()).filter(Container::isVisible)
                        .map(container -> Replies.containerStatus(shown.state(), container)));
        if (request.getVerbose()) {
            response.putInfo("info", Info.of(sandbox, networks.check(sandbox)));
        }
        return response.build();
    }
}
