package io.cairn.images.registry;

import io.vavr.control.Either;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name of content by its hash, such as {@code sha256:9f86d081…} (OCI image-spec, descriptor.md, "Digests").
 *
 * @param algorithm {@code sha256} or {@code sha512}, the two the specification registers
 * @param hex lower case, 64 or 128 digits; safe to use as a file name
 */
public record Digest(String algorithm, String hex) {
    private static final String SHA256 = "sha256";
    private static final String SHA512 = "sha512";

    public Digest {
        if (!isValid(algorithm, hex)) {
            throw new IllegalArgumentException("Expected sha256 or sha512 and its hex digits, but got " + algorithm + ":" + hex);
        }
    }

    public static Either<String, Digest> parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || !isValid(text.substring(0, colon), text.substring(colon + 1))) {
            return Either.left("Expected a digest as sha256:<64 hex digits> or sha512:<128 hex digits>, but got '"
                    + Shown.text(text, 160) + "'");
        }
        return Either.right(new Digest(text.substring(0, colon), text.substring(colon + 1)));
    }

    /** The sha256 of some bytes. */
    public static Digest of(byte[] content) {
        return of(SHA256, hasher(SHA256).digest(content));
    }

    static Digest of(String algorithm, byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    /** A fresh hash function of this digest's algorithm. */
    public MessageDigest hasher() {
        return hasher(algorithm);
    }

    /** Whether these finished hash bytes are this digest. */
    public boolean matches(byte[] hash) {
        return HexFormat.of().formatHex(hash).equals(hex);
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }

    private static MessageDigest hasher(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.equals(SHA256) ? "SHA-256" : "SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Expected every JDK to have SHA-256 and SHA-512, but " + algorithm + " is missing", e);
        }
    }

    private static boolean isValid(String algorithm, String hex) {
        int digits = switch (algorithm) {
            case SHA256 -> 64;
            case SHA512 -> 128;
            case String other -> -1;
        };
        return hex.length() == digits && hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }
}
