package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ContainerFilter;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.ListContainersResponse;

/** CRI ListContainers, with all its filters; every given one must match. */
final class ListContainers implements Verb<ListContainersRequest, ListContainersResponse> {
    private final Engine engine;

    ListContainers(Engine engine) {
        this.engine = engine;
    }

    @Override
    public ListContainersResponse serve(ListContainersRequest request, Call call) {
        State state = engine.state();
        var response = ListContainersResponse.newBuilder();
        for (Container container : state.containers().values()) {
            if (container.isVisible() && matches(container, request.getFilter())) {
                response.addContainers(Replies.container(state, container));
            }
        }
        return response.build();
    }

    private static boolean matches(Container container, ContainerFilter filter) {
        return container.id().startsWith(filter.getId())
                && container.sandboxId().startsWith(filter.getPodSandboxId())
                && (!filter.hasState() || Replies.state(container) == filter.getState().getState())
                && container.config().getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
    }
}
