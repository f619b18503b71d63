package io.cairn.driver.containerd.io;

import io.cairn.linux.Descriptor;
import java.io.IOException;
import java.io.OutputStream;

/** What is written to a FIFO whose end is more than closing it: the shim has it open, too. */
final class ClosingOutput extends OutputStream {
    private final Descriptor fifo;
    private final End end;

    /** What closing is. */
    @FunctionalInterface
    interface End {
        void come() throws IOException;
    }

    ClosingOutput(Descriptor fifo, End end) {
        this.fifo = fifo;
        this.end = end;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        fifo.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
        end.come();
    }
}
