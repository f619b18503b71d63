package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.effect.Problem;
import io.cairn.streaming.Endpoint;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.StreamingServer;
import io.grpc.Status;

/** What Exec, Attach and PortForward have in common. */
record StreamUrls(StreamingServer server) {
    String to(Endpoint endpoint) {
        return server.url(endpoint).getOrElseThrow(() -> Status.RESOURCE_EXHAUSTED.withDescription(
                "too many streams were asked for and not opened; those get free one minute after they were asked for").asRuntimeException());
    }

    /** The rules of the CRI (api.proto, ExecRequest and AttachRequest). */
    static void check(Stdio stdio) {
        if (stdio.tty() && stdio.stderr()) {
            throw Call.invalid("tty: expected no stderr beside a terminal, which has one output only");
        }
        if (!stdio.stdin() && !stdio.stdout() && !stdio.stderr()) {
            throw Call.invalid("stdin, stdout, stderr: expected one of them at least, but got none");
        }
    }

    /** The id of a container that runs: one that does not is told so at once, not on the stream. */
    static String running(Container container, String what) {
        if (!container.isRunning()) {
            throw Status.FAILED_PRECONDITION.withDescription("container %s (%s) cannot %s: it is %s, not RUNNING".formatted(
                    container.key().name(), container.id(), what, container.phase())).asRuntimeException();
        }
        return container.id();
    }

    /** What went wrong, in words for a client that has no gRPC status to read. */
    static String told(Problem problem) {
        return switch (problem) {
            case Problem.Refused refused -> refused.rejection().message();
            case Problem.Failed failed -> failed.failure().getMessage();
        };
    }
}
