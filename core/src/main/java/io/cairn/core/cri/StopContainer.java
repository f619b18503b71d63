package io.cairn.core.cri;

import io.cairn.core.effect.ContainerOperations;
import io.cairn.proto.cri.StopContainerRequest;
import io.cairn.proto.cri.StopContainerResponse;
import java.util.concurrent.TimeUnit;

/** CRI StopContainer: the stop signal, the grace, then SIGKILL. Without a grace it is SIGKILL at once. */
final class StopContainer implements Verb<StopContainerRequest, StopContainerResponse> {
    private final ContainerOperations containers;
    private final Lookup lookup;

    StopContainer(ContainerOperations containers, Lookup lookup) {
        this.containers = containers;
        this.lookup = lookup;
    }

    @Override
    public StopContainerResponse serve(StopContainerRequest request, Call call) {
        // Other runtimes take a negative grace for none.
        long graceMillis = TimeUnit.SECONDS.toMillis(Math.max(0, request.getTimeout()));
        call.unwrap(containers.stop(lookup.containerId(request.getContainerId(), call), graceMillis, call.origin()));
        return StopContainerResponse.getDefaultInstance();
    }
}
