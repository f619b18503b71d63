package io.cairn.core.cri;

import io.cairn.core.domain.Sandbox;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ListPodSandboxRequest;
import io.cairn.proto.cri.ListPodSandboxResponse;
import io.cairn.proto.cri.PodSandboxFilter;
import io.cairn.proto.cri.PodSandboxState;

/** CRI ListPodSandbox, with all its filters; every given one must match. */
final class ListPodSandbox implements Verb<ListPodSandboxRequest, ListPodSandboxResponse> {
    private final Engine engine;

    ListPodSandbox(Engine engine) {
        this.engine = engine;
    }

    @Override
    public ListPodSandboxResponse serve(ListPodSandboxRequest request, Call call) {
        var response = ListPodSandboxResponse.newBuilder();
        for (Sandbox sandbox : engine.state().sandboxes().values()) {
            if (sandbox.isVisible() && matches(sandbox, request.getFilter())) {
                response.addItems(Replies.sandbox(sandbox));
            }
        }
        return response.build();
    }

    private static boolean matches(Sandbox sandbox, PodSandboxFilter filter) {
        boolean ready = filter.getState().getState() == PodSandboxState.SANDBOX_READY;
        return sandbox.id().startsWith(filter.getId())
                && (!filter.hasState() || sandbox.isReady() == ready)
                && sandbox.config().getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
    }
}
