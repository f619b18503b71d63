package io.cairn.images.registry;

import io.cairn.images.registry.RegistryFailure.Kind;
import io.cairn.images.registry.Transport.Answer;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Either;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.MessageDigest;

/**
 * One blob on its way: counts and hashes what arrives, and asks for the rest with a Range header where a connection broke,
 * at the same host or at the next. Belongs to one thread.
 */
final class Download {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Descriptor blob;
    private final BlobSink sink;
    private final MessageDigest hasher;
    private long received;

    /** The receiver failed: no host can help. */
    static final class SinkFailed extends Exception {
        private static final long serialVersionUID = 1L;

        SinkFailed(IOException cause) {
            super(String.valueOf(cause.getMessage()), cause);
        }
    }

    Download(Descriptor blob, BlobSink sink) {
        this.blob = blob;
        this.sink = sink;
        this.hasher = blob.digest().hasher();
    }

    long received() {
        return received;
    }

    /** Asks one host, for the rest or for all. */
    Either<Refusal, Long> attempt(HostClient host) throws InterruptedException, SinkFailed {
        // Otherwise the only thing left to ask for would be an empty range, which is an error in HTTP.
        if (received >= blob.sizeBytes()) {
            restart();
        }
        boolean continues = received > 0;
        Either<Refusal, Long> result = request(host);
        boolean isWrong = result.isLeft() && result.getLeft().kind() == Kind.INVALID_CONTENT;
        // What an earlier host sent may be at fault: this one gets a chance of its own.
        return isWrong && continues ? request(host) : result;
    }

    private Either<Refusal, Long> request(HostClient host) throws InterruptedException, SinkFailed {
        Map<String, String> headers = received > 0 ? HashMap.of("Range", "bytes=" + received + "-") : HashMap.empty();
        Either<Refusal, Answer> answer = host.request("GET", "/blobs/" + blob.digest(), headers, true);
        if (answer.isLeft()) {
            return Either.left(answer.getLeft());
        }
        try (Answer open = answer.get()) {
            return read(open);
        } catch (InterruptedIOException e) {
            throw new InterruptedException(e.getMessage());
        } catch (IOException e) {
            return Either.left(Refusal.broken("GET", answer.get().uri(), e));
        }
    }

    private Either<Refusal, Long> read(Answer answer) throws IOException, SinkFailed {
        if (received > 0 && answer.status() != 206) {
            restart();
        } else if (answer.status() == 206 && !answer.header("Content-Range").startsWith("bytes " + received + "-")) {
            return wrong(answer, "another range than was asked for");
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = answer.body().read(buffer); count >= 0; count = answer.body().read(buffer)) {
            if (received + count > blob.sizeBytes()) {
                return wrong(answer, "more than the %d bytes the manifest tells".formatted(blob.sizeBytes()));
            }
            hasher.update(buffer, 0, count);
            pass(buffer, count);
            received += count;
        }
        // A connection that breaks is an IOException: this is what the host takes for the whole blob.
        if (received < blob.sizeBytes()) {
            return wrong(answer, "%d bytes instead of the %d the manifest tells".formatted(received, blob.sizeBytes()));
        }
        byte[] hash = hasher.digest();
        return blob.digest().matches(hash) ? Either.right(received)
                : wrong(answer, "content of the digest " + Digest.of(blob.digest().algorithm(), hash));
    }

    /** Nothing that was received so far can be trusted. */
    private Either<Refusal, Long> wrong(Answer answer, String what) throws SinkFailed {
        restart();
        return Either.left(Refusal.of(Kind.INVALID_CONTENT, "GET", answer.uri(), what, false));
    }

    private void pass(byte[] buffer, int count) throws SinkFailed {
        try {
            sink.write(buffer, count);
        } catch (IOException e) {
            throw new SinkFailed(e);
        }
    }

    private void restart() throws SinkFailed {
        try {
            received = 0;
            hasher.reset();
            sink.restart();
        } catch (IOException e) {
            throw new SinkFailed(e);
        }
    }
}
