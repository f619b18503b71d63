package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.effect.CheckpointOperations;
import io.cairn.proto.cri.CheckpointContainerRequest;
import io.cairn.proto.cri.CheckpointContainerResponse;
import java.util.concurrent.TimeUnit;

/** CRI CheckpointContainer: writes a running container into an archive; it runs on. */
final class CheckpointContainer implements Verb<CheckpointContainerRequest, CheckpointContainerResponse> {
    /** Nothing waits longer than a day; more would not count in nanoseconds. */
    private static final long TIMEOUT_SECONDS_MAX = TimeUnit.DAYS.toSeconds(1);

    private final CheckpointOperations checkpoints;
    private final Lookup lookup;

    CheckpointContainer(CheckpointOperations checkpoints, Lookup lookup) {
        this.checkpoints = checkpoints;
        this.lookup = lookup;
    }

    @Override
    public CheckpointContainerResponse serve(CheckpointContainerRequest request, Call call) {
        Valid.path("location", request.getLocation());
        Valid.require(!request.getLocation().endsWith("/"), "location", "the path of a file", request.getLocation());
        Valid.require(request.getTimeout() >= 0, "timeout", "a time in seconds, or 0", Long.toString(request.getTimeout()));
        String id = lookup.container(request.getContainerId(), call).id();
        long timeoutMillis = TimeUnit.SECONDS.toMillis(Math.min(TIMEOUT_SECONDS_MAX, request.getTimeout()));
        call.unwrap(checkpoints.checkpoint(new Command.CheckpointContainer(id, request.getLocation(), timeoutMillis), call.origin()));
        return CheckpointContainerResponse.getDefaultInstance();
    }
}
