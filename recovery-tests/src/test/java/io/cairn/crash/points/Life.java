package io.cairn.crash.points;

import io.grpc.MethodDescriptor;

/** One life of the runtime, inside this process: everything the daemon is but its socket. */
public interface Life {
    /** Opens everything and recovers. */
    void begin() throws Exception;

    /** A call of CRI, served on this thread. @throws io.grpc.StatusRuntimeException when it is refused or fails */
    <Q, R> R call(MethodDescriptor<Q, R> method, Q request);

    /** How many intents are open. */
    int openIntents();

    /** An orderly end; containers run on. */
    void end() throws Exception;

    /** Lets go of what a dead life holds in this process, as the kernel would: descriptors, mappings, locks, threads. */
    void bury() throws Exception;
}
