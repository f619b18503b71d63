package io.cairn.core.cri;

import io.cairn.core.effect.StreamOperations;
import io.cairn.proto.cri.ReopenContainerLogRequest;
import io.cairn.proto.cri.ReopenContainerLogResponse;

/** CRI ReopenContainerLog: the kubelet has moved the log away and wants it to go on at the old path. */
final class ReopenContainerLog implements Verb<ReopenContainerLogRequest, ReopenContainerLogResponse> {
    private final StreamOperations streams;
    private final Lookup lookup;

    ReopenContainerLog(StreamOperations streams, Lookup lookup) {
        this.streams = streams;
        this.lookup = lookup;
    }

    @Override
    public ReopenContainerLogResponse serve(ReopenContainerLogRequest request, Call call) {
        String container = StreamUrls.running(lookup.container(request.getContainerId(), call), "reopen its log");
        call.unwrap(streams.reopenLog(container));
        return ReopenContainerLogResponse.getDefaultInstance();
    }
}
