package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.effect.StreamOperations;
import io.cairn.core.engine.Origin;
import io.cairn.proto.cri.AttachRequest;
import io.cairn.proto.cri.AttachResponse;
import io.cairn.streaming.Endpoint;
import io.cairn.streaming.Endpoint.Stdio;

/** CRI Attach: a URL where a client is connected to the container's main process. */
final class Attach implements Verb<AttachRequest, AttachResponse> {
    private final StreamOperations streams;
    private final StreamUrls urls;
    private final Lookup lookup;

    Attach(StreamOperations streams, StreamUrls urls, Lookup lookup) {
        this.streams = streams;
        this.urls = urls;
        this.lookup = lookup;
    }

    @Override
    public AttachResponse serve(AttachRequest request, Call call) {
        var stdio = new Stdio(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
        StreamUrls.check(stdio);
        String container = StreamUrls.running(lookup.container(request.getContainerId(), call), "be attached to");
        Origin origin = call.origin();
        return AttachResponse.newBuilder().setUrl(urls.to(new Endpoint.Attach(stdio, () -> streams.attach(
                new Command.AttachToContainer(container, stdio.stdin(), stdio.stdout(), stdio.stderr(), stdio.tty()), stdio, origin)
                .mapLeft(StreamUrls::told)))).build();
    }
}
