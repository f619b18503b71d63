package io.cairn.crash.points;

import io.grpc.MethodDescriptor;

/** Makes calls of CRI, to whatever serves them. */
interface Client {
    <Q, R> R call(MethodDescriptor<Q, R> method, Q request);

    /** Whether what served them is dead: what it was to do, nobody need wait for. */
    boolean isGone();
}
