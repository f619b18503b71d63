package io.cairn.core.cri;

/** One CRI call. Runs on a virtual thread of its own and may wait. */
@FunctionalInterface
interface Verb<Q, R> {
    /** @throws io.grpc.StatusRuntimeException with the status the client gets */
    R serve(Q request, Call call);
}
