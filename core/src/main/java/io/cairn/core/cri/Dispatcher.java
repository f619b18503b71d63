package io.cairn.core.cri;

import io.cairn.core.engine.Clock;
import io.cairn.proto.journal.CallServed;
import io.cairn.proto.journal.Peer;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.vavr.control.Option;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a verb for a call: gives the call its id and its peer, turns what is thrown into a status, records the call.
 *
 * <p>A client that goes away does not interrupt the verb: what has been intended is carried to its end and recorded, and the
 * client's next try finds it.
 */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final Context.Key<Peer> PEER = Context.key("io.cairn.peer");

    /** A gRPC client takes 8 KiB of headers; the message is one of them, and a letter may become nine bytes in it. */
    private static final int TOLD_CHARS_MAX = 750;
    /** Longer than any id or canonical reference. */
    private static final int SUBJECT_CHARS_MAX = 512;

    private final AccessLog access;
    private final Clock clock;

    Dispatcher(AccessLog access, Clock clock) {
        this.access = access;
        this.clock = clock;
    }

    /** Carries the peer from the connection's attributes to the thread that serves the call. */
    static ServerInterceptor peerInterceptor() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                Peer peer = call.getAttributes().get(PeerNegotiator.PEER);
                Context context = Context.current().withValue(PEER, peer == null ? Peer.getDefaultInstance() : peer);
                return io.grpc.Contexts.interceptCall(context, call, headers, next);
            }
        };
    }

    <Q, R> void serve(String method, Q request, Verb<Q, R> verb, StreamObserver<R> client) {
        long begun = clock.monotonicNanos();
        Peer peer = PEER.get();
        var call = new Call(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()), peer);
        // With a handler of its own, an answer to a client that has gone is dropped instead of thrown back.
        ((ServerCallStreamObserver<R>) client).setOnCancelHandler(() -> LOG.debug("The client of {} has gone", method));
        try {
            R reply = Context.ROOT.call(() -> verb.serve(request, call));
            record(method, call, peer, Status.OK, begun);
            client.onNext(reply);
            client.onCompleted();
        } catch (Exception | LinkageError | AssertionError e) {
            Status status = statusOf(method, e);
            record(method, call, peer, status, begun);
            client.onError(status.asRuntimeException());
        }
    }

    /**
     * Runs a verb that answers in many messages, each sent when the client can take it. Ends when the source does, or when the
     * client goes away: then its thread is interrupted.
     */
    <Q, R> void stream(String method, Q request, StreamVerb<Q, R> verb, StreamObserver<R> client) {
        long begun = clock.monotonicNanos();
        Peer peer = PEER.get();
        var call = new Call(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()), peer);
        var outflow = new Outflow<>((ServerCallStreamObserver<R>) client);
        // The call's own thread must be free for gRPC to say that the client can take more, or is gone.
        outflow.run(method, () -> {
            Status status = pump(method, request, verb, call, outflow);
            record(method, call, peer, status, begun);
            if (status.isOk()) {
                client.onCompleted();
            } else {
                client.onError(status.asRuntimeException());
            }
        });
    }

    private static <Q, R> Status pump(String method, Q request, StreamVerb<Q, R> verb, Call call, Outflow<R> outflow) {
        try (Source<R> source = verb.open(request, call)) {
            for (Option<R> message = source.next(); message.isDefined(); message = source.next()) {
                outflow.send(message.get());
            }
            return Status.OK;
        } catch (InterruptedException e) {
            return Status.CANCELLED.withDescription("the client has gone");
        } catch (Exception | LinkageError | AssertionError e) {
            return statusOf(method, e);
        }
    }

    private void record(String method, Call call, Peer peer, Status status, long begun) {
        String subject = Valid.printable(call.subject(), SUBJECT_CHARS_MAX);
        var served = CallServed.newBuilder().setMethod(method).setSubject(subject).setStatus(status.getCode().name())
                .setLatencyNanos(clock.monotonicNanos() - begun);
        if (!status.isOk()) {
            String detail = status.getDescription() == null ? "" : status.getDescription();
            served.setDetail(detail);
            LOG.info("{} {} refused: {}: {}", method, subject, status.getCode(), detail);
        }
        access.served(served.build(), call.origin().correlationId(), peer);
    }

    /** A fault of ours is told to the operator with its trace and to the client in a sentence. */
    private static Status statusOf(String method, Throwable thrown) {
        if (thrown instanceof StatusRuntimeException status) {
            String description = status.getStatus().getDescription();
            return description == null ? status.getStatus() : status.getStatus().withDescription(Valid.printable(description, TOLD_CHARS_MAX));
        }
        LOG.error("{} failed in a way it should not", method, thrown);
        return Status.INTERNAL.withDescription("internal error in " + method + ": " + thrown.getClass().getSimpleName());
    }
}
