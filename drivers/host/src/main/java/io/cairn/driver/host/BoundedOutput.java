package io.cairn.driver.host;

import com.google.protobuf.ByteString;
import io.cairn.linux.Child.Sink;
import java.io.ByteArrayOutputStream;

/** Keeps the first bytes of an output and drops the rest. Thread-safe. */
public final class BoundedOutput implements Sink {
    private final int bytesMax;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    public BoundedOutput(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public void accept(byte[] buffer, int from, int to) {
        synchronized (kept) {
            kept.write(buffer, from, Math.min(to - from, bytesMax - kept.size()));
        }
    }

    public ByteString bytes() {
        synchronized (kept) {
            return ByteString.copyFrom(kept.toByteArray());
        }
    }

    public boolean hasLine() {
        return bytes().toStringUtf8().indexOf('\n') >= 0;
    }
}
