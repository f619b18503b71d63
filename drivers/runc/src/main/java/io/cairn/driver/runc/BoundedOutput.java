package io.cairn.driver.runc;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;

/** Keeps the first bytes of an output and drops the rest. Thread-safe. */
final class BoundedOutput implements OutputPump.Sink {
    private final int bytesMax;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    BoundedOutput(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public void accept(byte[] buffer, int from, int to) {
        synchronized (kept) {
            kept.write(buffer, from, Math.min(to - from, bytesMax - kept.size()));
        }
    }

    ByteString bytes() {
        synchronized (kept) {
            return ByteString.copyFrom(kept.toByteArray());
        }
    }

    boolean hasLine() {
        return bytes().toStringUtf8().indexOf('\n') >= 0;
    }
}
