package io.cairn.images.registry;

import io.cairn.images.registry.Endpoint.Capability;
import io.cairn.images.registry.RegistryFailure.Attempt;
import io.cairn.images.registry.RegistryFailure.Kind;
import io.cairn.images.registry.Transport.Answer;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.function.Function;

/**
 * All requests for one image under one login: which hosts to ask, and the tokens they gave, are kept no longer than this.
 * Thread-safe: layers may be downloaded at the same time. Interrupting a thread ends its call with
 * {@link Kind#CANCELLED} and leaves the interrupt flag set.
 */
public final class RegistrySession implements AutoCloseable {
    private static final Map<String, String> ACCEPT_MANIFEST = HashMap.of("Accept", MediaTypes.ACCEPT);

    private final ImageReference reference;
    private final RegistryOptions options;
    private final Vector<HostClient> hosts;
    private final Vector<Transport> transports;

    RegistrySession(ImageReference reference, RegistryOptions options, Vector<HostClient> hosts, Vector<Transport> transports) {
        this.reference = reference;
        this.options = options;
        this.hosts = hosts;
        this.transports = transports;
    }

    public RegistryOptions options() {
        return options;
    }

    /**
     * Finds the image for a platform.
     *
     * @param known gives a manifest document that is already here, by its digest, and so saves asking for it: then a tag
     *     that has not moved costs one HEAD request
     */
    public Either<RegistryFailure, RemoteImage> resolve(Platform platform, Function<Digest, Option<byte[]>> known) {
        return new Resolution(this, reference, platform, known).run();
    }

    /** A small blob, held in memory; refused when the descriptor says it is longer than the limit. */
    public Either<RegistryFailure, byte[]> small(Descriptor blob, int maxBytes) {
        if (blob.sizeBytes() > maxBytes) {
            return Either.left(RegistryFailure.of(Kind.TOO_LARGE, subject(blob.digest()),
                    "it has %d bytes, more than %d".formatted(blob.sizeBytes(), maxBytes)));
        }
        var bytes = new ByteArrayOutputStream();
        return download(blob, new BlobSink() {
            @Override
            public void restart() {
                bytes.reset();
            }

            @Override
            public void write(byte[] buffer, int length) {
                bytes.write(buffer, 0, length);
            }
        }).map(length -> bytes.toByteArray());
    }

    /**
     * Downloads a blob and checks its length and digest on the way. A connection that breaks or stalls is resumed where it
     * broke; a host that sent wrong content is not asked again.
     *
     * @return its length in bytes
     */
    public Either<RegistryFailure, Long> download(Descriptor blob, BlobSink sink) {
        var download = new Download(blob, sink);
        try {
            return ask(Capability.PULL, subject(blob.digest()), host -> {
                for (int tries = 1; ; tries++) {
                    long before = download.received();
                    Either<Refusal, Long> result = download.attempt(host);
                    boolean moved = download.received() > before;
                    if (result.isRight() || !result.getLeft().again() || (!moved && tries >= options.triesPerHost())) {
                        return result;
                    }
                    tries = moved ? 0 : tries;
                    Thread.sleep(options.retryDelayMillis());
                }
            });
        } catch (Download.SinkFailed e) {
            return Either.left(RegistryFailure.of(Kind.LOCAL, subject(blob.digest()), e.getMessage()));
        }
    }

    Either<Refusal, Answer> headManifest(HostClient host, String tag) throws InterruptedException {
        Either<Refusal, Answer> answer = host.request("HEAD", "/manifests/" + tag, ACCEPT_MANIFEST, false);
        if (answer.isRight()) {
            try (Answer open = answer.get()) {
                open.drain();
            } catch (IOException e) {
                return Either.left(Refusal.broken("HEAD", answer.get().uri(), e));
            }
        }
        return answer;
    }

    /** @param object a tag or digest */
    Either<Refusal, byte[]> getManifest(HostClient host, String object, boolean verified) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            Either<Refusal, byte[]> result = getManifestOnce(host, object, verified);
            if (result.isRight() || !result.getLeft().again() || tries >= options.triesPerHost()) {
                return result;
            }
            Thread.sleep(options.retryDelayMillis());
        }
    }

    private Either<Refusal, byte[]> getManifestOnce(HostClient host, String object, boolean verified) throws InterruptedException {
        Either<Refusal, Answer> answer = host.request("GET", "/manifests/" + object, ACCEPT_MANIFEST, verified);
        if (answer.isLeft()) {
            return Either.left(answer.getLeft());
        }
        try (Answer open = answer.get()) {
            byte[] content = open.body().readNBytes(RegistryLimits.MAX_MANIFEST_BYTES + 1);
            return content.length <= RegistryLimits.MAX_MANIFEST_BYTES
                    ? Either.right(content)
                    : Either.left(Refusal.of(Kind.TOO_LARGE, "GET", open.uri(),
                            "a manifest of more than " + RegistryLimits.MAX_MANIFEST_BYTES + " bytes", false));
        } catch (InterruptedIOException e) {
            throw new InterruptedException(e.getMessage());
        } catch (IOException e) {
            return Either.left(Refusal.broken("GET", answer.get().uri(), e));
        }
    }

    @FunctionalInterface
    interface Question<T, E extends Exception> {
        Either<Refusal, T> ask(HostClient host) throws InterruptedException, E;
    }

    /** Asks host after host until one answers. The last one, the registry itself as a rule, decides what kind of failure it is. */
    <T, E extends Exception> Either<RegistryFailure, T> ask(Capability capability, String subject, Question<T, E> question) throws E {
        Vector<HostClient> able = hosts.filter(host -> host.endpoint().capabilities().contains(capability));
        Vector<Attempt> attempts = Vector.empty();
        Kind kind = Kind.CONFIGURATION;
        for (HostClient host : able) {
            try {
                Either<Refusal, T> answer = question.ask(host);
                if (answer.isRight()) {
                    return Either.right(answer.get());
                }
                attempts = attempts.append(answer.getLeft().attempt());
                kind = answer.getLeft().kind();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Either.left(new RegistryFailure(Kind.CANCELLED, subject, "the pull was interrupted", attempts));
            }
        }
        String detail = able.isEmpty() ? "hosts.toml leaves no host with the capability " + capability : "";
        return Either.left(new RegistryFailure(kind, subject, detail, attempts));
    }

    String subject(Digest digest) {
        return reference.at(digest).toString();
    }

    @Override
    public void close() {
        transports.forEach(Transport::close);
    }
}
