package io.cairn.driver.docker.streams;

import com.google.protobuf.ByteString;
import io.cairn.driver.host.Command;

/** What came from the engine and goes into messages. */
final class Texts {
    static final int BYTES_MAX = 4096;

    private Texts() {}

    /** Bounded, one line. */
    static String clean(byte[] bytes) {
        return Command.clean(ByteString.copyFrom(bytes, 0, Math.min(bytes.length, BYTES_MAX)));
    }
}
