package io.cairn.testkit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** An image as a registry holds it: one manifest, its configuration, its layers from the bottom up. */
public record OciImage(Blob manifest, Blob config, List<Blob> layers) {
    /** Content with the media type it goes by. */
    public record Blob(String mediaType, byte[] bytes) {
        public String digest() {
            return sha256(bytes);
        }
    }

    /** What CRI calls the image's id. */
    public String id() {
        return config.digest();
    }

    public String digest() {
        return manifest.digest();
    }

    /** @return {@code sha256:} and 64 hexadecimal digits */
    public static String sha256(byte[] bytes) {
        try {
            return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
