package io.cairn.core.cri;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Ids of sandboxes, containers, execs and pulls: 256 random bits as 64 hex digits, as other runtimes give them. */
final class NewId {
    private static final SecureRandom RANDOM = new SecureRandom();

    private NewId() {}

    static String next() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
