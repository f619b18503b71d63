package io.cairn.driver.containerd.io;

import java.nio.ByteBuffer;

/**
 * What one working thread needs for one piece of work. There are as many as threads, however many containers there are.
 *
 * @param text what comes out of a spool
 * @param through the same, as the system call wants it
 * @param log what goes to the log
 */
record Buffers(byte[] text, ByteBuffer through, ByteBuffer log) {
    static final int TEXT_BYTES = 64 * 1024;
    static final int LOG_BYTES = 256 * 1024;

    static Buffers allocate() {
        return new Buffers(new byte[TEXT_BYTES], ByteBuffer.allocateDirect(TEXT_BYTES), ByteBuffer.allocateDirect(LOG_BYTES));
    }
}
