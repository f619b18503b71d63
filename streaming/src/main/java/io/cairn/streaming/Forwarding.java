package io.cairn.streaming;

import io.vavr.control.Either;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries one connection to a port of a pod. Each direction ends on its own. */
record Forwarding(Lane data, Lane error, int port) {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);

    /** Opens a port-forward, whatever comes of it. */
    static void complete(CompletableFuture<Either<String, PortForward>> future, Endpoint.Opener<PortForward> opener) {
        try {
            future.complete(opener.open());
        } catch (RuntimeException e) {
            LOG.error("A port-forward failed in a way it should not", e);
            future.complete(Either.left("internal error: " + e.getClass().getSimpleName()));
        }
    }

    /** Returns when both directions have ended; on a thread of its own. */
    void serve(CompletableFuture<Either<String, PortForward>> opened) {
        Either<String, PortForward> forward = opened.join();
        if (forward.isLeft()) {
            fail(forward.getLeft());
            return;
        }
        try (Socket socket = forward.get().connect(port)) {
            Thread up = Thread.startVirtualThread(() -> bring(socket));
            take(socket);
            up.join();
        } catch (IOException e) {
            fail("cannot forward port %d: %s".formatted(port, e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        data.end();
        error.end();
    }

    private void bring(Socket socket) {
        byte[] piece = new byte[RemoteCommand.PIECE_BYTES];
        try (InputStream client = data.input()) {
            OutputStream out = socket.getOutputStream();
            for (int count = client.read(piece); count >= 0; count = client.read(piece)) {
                out.write(piece, 0, count);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("Port {} gets no more: {}", port, e.getMessage());
            closeQuietly(socket);
        }
    }

    private void take(Socket socket) {
        byte[] piece = new byte[RemoteCommand.PIECE_BYTES];
        try {
            InputStream in = socket.getInputStream();
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                data.write(piece, 0, count);
            }
            data.end();
        } catch (IOException e) {
            LOG.debug("Port {} brings no more: {}", port, e.getMessage());
            data.abort();
            closeQuietly(socket);
        }
    }

    private void fail(String why) {
        try {
            byte[] words = why.getBytes(StandardCharsets.UTF_8);
            error.write(words, 0, words.length);
            error.end();
        } catch (IOException e) {
            LOG.debug("The client did not hear that {}", why);
        }
        data.abort();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("A socket did not close: {}", e.getMessage());
        }
    }
}
