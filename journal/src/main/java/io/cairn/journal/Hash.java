package io.cairn.journal;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 value. Immutable. */
public final class Hash {
    /** Length in bytes. */
    public static final int BYTES = 32;

    /** What the first record of a journal names as the hash before it. */
    public static final Hash ZERO = new Hash(new byte[BYTES]);

    /** Never fed, only cloned: looking an algorithm up takes as long as hashing a record. */
    private static final MessageDigest SHA256 = newSha256();

    private final byte[] bytes;

    private Hash(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException if there are not exactly {@link #BYTES} bytes */
    public static Hash of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("Expected a SHA-256 hash of 32 bytes, but got " + bytes.length);
        }
        return new Hash(bytes.clone());
    }

    static Hash sha256(byte[] data, int offset, int length) {
        try {
            MessageDigest digest = (MessageDigest) SHA256.clone();
            digest.update(data, offset, length);
            return new Hash(digest.digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("The platform's SHA-256 can be cloned (MessageDigest, Javadoc)", e);
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256 (MessageDigest, Javadoc)", e);
        }
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** 64 lower-case hex digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
