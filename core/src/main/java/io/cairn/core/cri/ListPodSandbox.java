package io.cairn.core.cri;

import io.cairn.core.domain.Sandbox;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ListPodSandboxRequest;
import io.cairn.proto.cri.ListPodSandboxResponse;
import io.cairn.proto.cri.PodSandbox;
import io.cairn.proto.cri.PodSandboxFilter;
import io.cairn.proto.cri.PodSandboxState;
import io.vavr.collection.Iterator;

/** CRI ListPodSandbox, with all its filters; every given one must match. */
final class ListPodSandbox implements Verb<ListPodSandboxRequest, ListPodSandboxResponse> {
    private final Engine engine;

    ListPodSandbox(Engine engine) {
        this.engine = engine;
    }

    @Override
    public ListPodSandboxResponse serve(ListPodSandboxRequest request, Call call) {
        return ListPodSandboxResponse.newBuilder().addAllItems(entries(request.getFilter())).build();
    }

    /** As of now, made one by one as they are asked for. */
    Iterator<PodSandbox> entries(PodSandboxFilter filter) {
        return engine.state().sandboxes().valuesIterator().filter(s -> s.isVisible() && matches(s, filter)).map(Replies::sandbox);
    }

    private static boolean matches(Sandbox sandbox, PodSandboxFilter filter) {
        boolean ready = filter.getState().getState() == PodSandboxState.SANDBOX_READY;
        return sandbox.id().startsWith(filter.getId())
                && (!filter.hasState() || sandbox.isReady() == ready)
                && sandbox.config().getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
    }
}
