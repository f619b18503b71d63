package io.cairn.core.cri;

import io.grpc.stub.ServerCallStreamObserver;

/**
 * Sends to one client no faster than it takes: gRPC itself would hold any number of messages for a client that does not read. Must be
 * made before the service's method returns, since gRPC takes handlers only until then.
 */
final class Outflow<R> {
    private final ServerCallStreamObserver<R> client;
    private Thread sender;
    private boolean gone;

    Outflow(ServerCallStreamObserver<R> client) {
        this.client = client;
        client.setOnReadyHandler(this::wake);
        client.setOnCancelHandler(this::leave);
    }

    /** Begins the thread that sends; it is interrupted when the client goes away. */
    synchronized void run(String name, Runnable sending) {
        sender = Thread.ofVirtual().name(name).start(sending);
        if (gone) {
            sender.interrupt();
        }
    }

    /** Waits until the client can take it. */
    synchronized void send(R message) throws InterruptedException {
        while (!client.isReady() && !gone) {
            wait();
        }
        if (gone) {
            throw new InterruptedException("the client has gone");
        }
        client.onNext(message);
    }

    private synchronized void wake() {
        notifyAll();
    }

    private synchronized void leave() {
        gone = true;
        notifyAll();
        if (sender != null) {
            sender.interrupt();
        }
    }
}
