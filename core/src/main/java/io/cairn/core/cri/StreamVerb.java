package io.cairn.core.cri;

/** One CRI call with a stream for an answer. Runs on a virtual thread of its own and may wait. */
@FunctionalInterface
interface StreamVerb<Q, R> {
    /** @throws io.grpc.StatusRuntimeException with the status the client gets; the source may throw it too */
    Source<R> open(Q request, Call call);
}
