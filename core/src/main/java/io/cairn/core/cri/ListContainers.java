package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ContainerFilter;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.ListContainersResponse;
import io.vavr.collection.Iterator;

/** CRI ListContainers, with all its filters; every given one must match. */
final class ListContainers implements Verb<ListContainersRequest, ListContainersResponse> {
    private final Engine engine;

    ListContainers(Engine engine) {
        this.engine = engine;
    }

    @Override
    public ListContainersResponse serve(ListContainersRequest request, Call call) {
        return ListContainersResponse.newBuilder().addAllContainers(entries(request.getFilter())).build();
    }

    /** As of now, made one by one as they are asked for. */
    Iterator<io.cairn.proto.cri.Container> entries(ContainerFilter filter) {
        State state = engine.state();
        return state.containers().valuesIterator().filter(c -> c.isVisible() && matches(c, filter)).map(c -> Replies.container(state, c));
    }

    private static boolean matches(Container container, ContainerFilter filter) {
        return container.id().startsWith(filter.getId())
                && container.sandboxId().startsWith(filter.getPodSandboxId())
                && (!filter.hasState() || Replies.state(container) == filter.getState().getState())
                && container.config().getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
    }
}
