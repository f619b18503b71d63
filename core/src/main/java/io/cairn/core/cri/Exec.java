package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.effect.StreamOperations;
import io.cairn.core.engine.Origin;
import io.cairn.proto.cri.ExecRequest;
import io.cairn.proto.cri.ExecResponse;
import io.cairn.streaming.Endpoint;
import io.cairn.streaming.Endpoint.Stdio;
import io.vavr.collection.Vector;

/** CRI Exec: a URL where a command is run for whoever comes; nothing is run before. */
final class Exec implements Verb<ExecRequest, ExecResponse> {
    private final StreamOperations streams;
    private final StreamUrls urls;
    private final Lookup lookup;

    Exec(StreamOperations streams, StreamUrls urls, Lookup lookup) {
        this.streams = streams;
        this.urls = urls;
        this.lookup = lookup;
    }

    @Override
    public ExecResponse serve(ExecRequest request, Call call) {
        if (request.getCmdCount() == 0) {
            throw Call.invalid("cmd: expected a command, but it is empty");
        }
        var stdio = new Stdio(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
        StreamUrls.check(stdio);
        String container = StreamUrls.running(lookup.container(request.getContainerId(), call), "run a command");
        Vector<String> command = Vector.ofAll(request.getCmdList());
        Origin origin = call.origin();
        return ExecResponse.newBuilder().setUrl(urls.to(new Endpoint.Exec(stdio, () -> streams.exec(
                new Command.OpenExec(NewId.next(), container, command, stdio.tty(), stdio.stdin()), stdio, origin)
                .mapLeft(StreamUrls::told)))).build();
    }
}
