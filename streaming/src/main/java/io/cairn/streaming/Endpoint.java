package io.cairn.streaming;

import io.vavr.collection.Vector;
import io.vavr.control.Either;

/** What a URL leads to. */
public sealed interface Endpoint {
    /** A command to run, opened when the client has come with all its streams. */
    record Exec(Stdio stdio, Opener<Session> opener) implements Endpoint {}

    /** A running process to be connected to, likewise. */
    record Attach(Stdio stdio, Opener<Session> opener) implements Endpoint {}

    /** @param ports those a client of WebSocket channels is connected to; clients of SPDY name theirs with each stream */
    record Ports(Vector<Integer> ports, Opener<PortForward> opener) implements Endpoint {}

    /** The streams that were asked for. With a terminal there is no stderr. */
    record Stdio(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}

    /** Called once at most, on a virtual thread; may wait. */
    @FunctionalInterface
    interface Opener<T> {
        /** @return what to serve, or in words for the client why it cannot be served */
        Either<String, T> open();
    }

    /** First part of the URL's path. */
    default String path() {
        return switch (this) {
            case Exec e -> "exec";
            case Attach a -> "attach";
            case Ports p -> "portforward";
        };
    }
}
