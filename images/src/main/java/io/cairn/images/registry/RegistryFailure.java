package io.cairn.images.registry;

import io.vavr.collection.Vector;

/**
 * Why something could not be had from a registry.
 *
 * @param subject the image or blob that was asked for
 * @param attempts what each host that was tried had to say, in that order; empty when no host was asked
 * @param detail what is wrong, beyond the attempts; may be empty
 */
public record RegistryFailure(Kind kind, String subject, String detail, Vector<Attempt> attempts) {
    public enum Kind {
        /** The registry does not know the name, tag or digest (404). */
        NOT_FOUND,
        /** The registry wants other credentials (401) or refuses these (403). */
        UNAUTHORIZED,
        /** No host could be reached, or those reached could not serve (time-out, TLS, 5xx, 429). */
        UNAVAILABLE,
        /** What came is not what was asked for: wrong digest, wrong length, no manifest. */
        INVALID_CONTENT,
        /** Well formed, but nothing this runtime can use: no image of this platform, an old schema, an artifact. */
        UNSUPPORTED,
        /** Beyond a limit of {@link RegistryLimits}. */
        TOO_LARGE,
        /** hosts.toml or a certificate it names cannot be used. */
        CONFIGURATION,
        /** The receiver of a blob failed (a full disk, for example); the registry did its part. */
        LOCAL,
        /** The calling thread was interrupted. */
        CANCELLED
    }

    /**
     * One request that failed.
     *
     * @param request method and URL without query, for example {@code GET https://registry.example/v2/app/manifests/1.2}
     * @param outcome what came back, for example {@code 404 Not Found (MANIFEST_UNKNOWN: manifest unknown)}
     */
    public record Attempt(String host, String request, String outcome) {}

    static RegistryFailure of(Kind kind, String subject, String detail) {
        return new RegistryFailure(kind, subject, detail, Vector.empty());
    }

    /** The whole story in one line. */
    public String message() {
        String intro = switch (kind) {
            case NOT_FOUND -> "not found";
            case UNAUTHORIZED -> "access denied, check the credentials (imagePullSecrets) for this registry";
            case UNAVAILABLE -> "the registry could not be reached or could not answer";
            case INVALID_CONTENT -> "the registry sent wrong content";
            case UNSUPPORTED -> "not supported";
            case TOO_LARGE -> "too large";
            case CONFIGURATION -> "the registry configuration cannot be used";
            case LOCAL -> "it could not be stored";
            case CANCELLED -> "cancelled";
        };
        var text = new StringBuilder(subject).append(": ").append(intro);
        if (!detail.isEmpty()) {
            text.append(": ").append(detail);
        }
        for (Attempt attempt : attempts) {
            text.append("; ").append(attempt.request()).append(" → ").append(attempt.outcome());
        }
        return text.toString();
    }
}
