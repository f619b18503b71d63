package io.cairn.core.cri;

import io.cairn.core.decide.Rejection;
import io.cairn.core.driver.DriverException;
import io.cairn.core.effect.Problem;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.Peer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vavr.control.Either;

/** One call being served: who asked, about what. Used by the thread that serves it. */
final class Call {
    private final Origin origin;
    private String subject = "";

    Call(String correlationId, Peer peer) {
        this.origin = new Origin(correlationId, peer, 0);
    }

    Origin origin() {
        return origin;
    }

    String subject() {
        return subject;
    }

    /** Names what the call is about, for the access journal. */
    String about(String id) {
        subject = id;
        return id;
    }

    /** The answer of an operation, or the status its problem stands for. */
    <T> T unwrap(Either<Problem, T> answer) {
        return answer.getOrElseThrow(problem -> switch (problem) {
            case Problem.Refused refused -> refusal(refused.rejection());
            case Problem.Failed failed -> status(failed.failure()).asRuntimeException();
        });
    }

    <T> T accept(Either<Rejection, T> answer) {
        return answer.getOrElseThrow(Call::refusal);
    }

    static StatusRuntimeException failed(DriverException e) {
        return status(Failure.newBuilder().setKind(e.kind()).setMessage(e.getMessage()).build()).asRuntimeException();
    }

    static StatusRuntimeException invalid(String message, Object... arguments) {
        return Status.INVALID_ARGUMENT.withDescription(message.formatted(arguments)).asRuntimeException();
    }

    static StatusRuntimeException notFound(String message, Object... arguments) {
        return Status.NOT_FOUND.withDescription(message.formatted(arguments)).asRuntimeException();
    }

    private static StatusRuntimeException refusal(Rejection rejection) {
        Status status = switch (rejection.reason()) {
            case INVALID -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case NAME_TAKEN -> Status.ALREADY_EXISTS;
            case WRONG_STATE -> Status.FAILED_PRECONDITION;
            case BUSY -> Status.UNAVAILABLE;
            case NO_SPACE -> Status.RESOURCE_EXHAUSTED;
        };
        return status.withDescription(rejection.message()).asRuntimeException();
    }

    private static Status status(Failure failure) {
        Status status = switch (failure.getKind()) {
            // UNKNOWN is what other runtimes answer when a tool below fails, and what the kubelet shows as it is.
            case FAILED, UNRECOGNIZED -> Status.UNKNOWN;
            case INVALID -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            // The kubelet tells a probe's time-out from its failure by this code.
            case TIMED_OUT -> Status.DEADLINE_EXCEEDED;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
            case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case DENIED -> Status.PERMISSION_DENIED;
            case INTERRUPTED_BY_CRASH -> Status.ABORTED;
        };
        return status.withDescription(failure.getMessage());
    }
}
