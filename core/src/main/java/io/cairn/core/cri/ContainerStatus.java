package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.effect.Drivers;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.ContainerStatusResponse;

/** CRI ContainerStatus; verbose adds what the driver knows, in the form crictl inspect prints for other runtimes. */
final class ContainerStatus implements Verb<ContainerStatusRequest, ContainerStatusResponse> {
    private final Engine engine;
    private final Drivers drivers;
    private final Lookup lookup;

    ContainerStatus(Engine engine, Drivers drivers, Lookup lookup) {
        this.engine = engine;
        this.drivers = drivers;
        this.lookup = lookup;
    }

    @Override
    public ContainerStatusResponse serve(ContainerStatusRequest request, Call call) {
        Container container = lookup.container(request.getContainerId(), call);
        State state = engine.state();
        var response = ContainerStatusResponse.newBuilder().setStatus(Replies.containerStatus(state, container));
        if (request.getVerbose()) {
            state.sandbox(container.sandboxId()).map(Sandbox::driver).flatMap(driver -> drivers.named(driver).inspect(container.id()))
                    .forEach(told -> response.putInfo("info", Info.of(container, told)));
        }
        return response.build();
    }
}
