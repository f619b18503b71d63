package io.cairn.images.registry;

import io.cairn.images.registry.Endpoint.Capability;
import io.cairn.images.registry.RegistryFailure.Kind;
import io.cairn.images.registry.RemoteImage.Document;
import io.cairn.images.registry.Transport.Answer;
import io.vavr.Tuple2;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.function.Function;

/**
 * From a reference to one image: tag → digest (only at hosts trusted to resolve) → document of that digest (any host, as
 * it can be checked) → through indexes to the image of the platform.
 */
final class Resolution {
    private final RegistrySession session;
    private final ImageReference reference;
    private final Platform platform;
    private final Function<Digest, Option<byte[]>> known;

    Resolution(RegistrySession session, ImageReference reference, Platform platform, Function<Digest, Option<byte[]>> known) {
        this.session = session;
        this.reference = reference;
        this.platform = platform;
        this.known = known;
    }

    Either<RegistryFailure, RemoteImage> run() {
        Either<RegistryFailure, Document> top = reference.digest().isDefined()
                ? byDigest(reference.digest().get())
                : byTag(reference.tag().get());
        return top.flatMap(document -> descend(document, Vector.of(document), document.digest(), 0));
    }

    private Either<RegistryFailure, Document> byTag(String tag) {
        Either<RegistryFailure, Either<Digest, Document>> resolved =
                session.ask(Capability.RESOLVE, reference.toString(), host -> resolve(host, tag));
        return resolved.flatMap(found -> found.fold(this::byDigest, Either::right));
    }

    /** HEAD is not counted by registries that limit pulls. Where it does not tell the digest, the document itself does. */
    private Either<Refusal, Either<Digest, Document>> resolve(HostClient host, String tag) throws InterruptedException {
        Either<Refusal, Answer> head = session.headManifest(host, tag);
        if (head.isRight()) {
            Either<String, Digest> digest = Digest.parse(head.get().header("Docker-Content-Digest"));
            if (digest.isRight()) {
                return Either.right(Either.left(digest.get()));
            }
        } else if (head.getLeft().kind() == Kind.NOT_FOUND) {
            return Either.left(head.getLeft());
        }
        // A refused HEAD has no body to say why; GET has.
        return session.getManifest(host, tag, false)
                .map(content -> Either.right(new Document(Digest.of(content), content)));
    }

    private Either<RegistryFailure, Document> byDigest(Digest digest) {
        Option<byte[]> here = known.apply(digest).filter(content -> digest.matches(digest.hasher().digest(content)));
        if (here.isDefined()) {
            return Either.right(new Document(digest, here.get()));
        }
        return session.ask(Capability.PULL, session.subject(digest), host -> {
            Either<Refusal, byte[]> content = session.getManifest(host, digest.toString(), true);
            return content.flatMap(bytes -> {
                byte[] hash = digest.hasher().digest(bytes);
                return digest.matches(hash)
                        ? Either.right(new Document(digest, bytes))
                        : Either.left(Refusal.of(Kind.INVALID_CONTENT, "GET", host.at("/manifests/" + digest),
                                "content of the digest " + Digest.of(digest.algorithm(), hash), false));
            });
        });
    }

    private Either<RegistryFailure, RemoteImage> descend(Document document, Vector<Document> documents, Digest top, int depth) {
        try {
            return switch (Manifest.parse(document.content())) {
                case Manifest.Image(Descriptor config, Vector<Descriptor> layers) -> image(document, documents, top, depth, config, layers);
                case Manifest.Index index -> choose(index, documents, top, depth);
            };
        } catch (Manifest.Unsupported e) {
            return Either.left(RegistryFailure.of(Kind.UNSUPPORTED, reference.toString(), e.getMessage()));
        } catch (IOException e) {
            return Either.left(RegistryFailure.of(Kind.INVALID_CONTENT, reference.at(document.digest()).toString(), e.getMessage()));
        }
    }

    private Either<RegistryFailure, RemoteImage> image(Document document, Vector<Document> documents, Digest top, int depth,
            Descriptor config, Vector<Descriptor> layers) throws IOException {
        byte[] first = documents.head().content();
        var target = new Descriptor(Manifest.mediaType(first), top, first.length);
        var image = new RemoteImage(reference, target, document.digest(), documents, config, layers, depth > 0);
        // Summed with a bound at each step: hostile sizes could overflow.
        long total = layers.foldLeft(0L, (sum, layer) -> Math.min(RegistryLimits.MAX_IMAGE_BYTES + 1, sum)
                + Math.min(RegistryLimits.MAX_IMAGE_BYTES + 1, layer.sizeBytes()));
        return total <= RegistryLimits.MAX_IMAGE_BYTES
                ? Either.right(image)
                : Either.left(RegistryFailure.of(Kind.TOO_LARGE, reference.toString(),
                        "its layers have more than %d bytes".formatted(RegistryLimits.MAX_IMAGE_BYTES)));
    }

    private Either<RegistryFailure, RemoteImage> choose(Manifest.Index index, Vector<Document> documents, Digest top, int depth) {
        if (depth >= RegistryLimits.MAX_INDEX_DEPTH) {
            return Either.left(RegistryFailure.of(Kind.UNSUPPORTED, reference.toString(), "its indexes are nested too deep"));
        }
        Option<Descriptor> best = index.entries()
                .filter(entry -> fitness(entry) > 0)
                .maxBy((a, b) -> Integer.compare(fitness(a), fitness(b)))
                .map(Tuple2::_1);
        if (best.isEmpty()) {
            String has = index.entries().flatMap(Tuple2::_2).map(p -> Shown.text(p.toString(), 60)).distinct().take(20).mkString(", ");
            return Either.left(RegistryFailure.of(Kind.UNSUPPORTED, reference.toString(),
                    "there is no image for %s, only for: %s".formatted(platform, has)));
        }
        return byDigest(best.get().digest())
                .flatMap(document -> descend(document, documents.append(document), top, depth + 1));
    }

    private int fitness(Tuple2<Descriptor, Option<Platform>> entry) {
        return entry._2.map(platform::fitness).getOrElse(0);
    }
}
