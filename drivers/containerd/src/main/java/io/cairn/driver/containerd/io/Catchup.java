package io.cairn.driver.containerd.io;

import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a daemon that was killed had written to the log beyond what the cursor says. The lines themselves tell: their text is
 * what comes next in the spool. A line that does not is somebody else's, and stays. Half a line at the end is cut off: its text is
 * still in the spool.
 */
final class Catchup {
    private static final Logger LOG = LoggerFactory.getLogger(Catchup.class);
    /** One batch is written between two states of the cursor; whatever is longer is not ours. */
    private static final int BYTES_MAX = 2 * Buffers.LOG_BYTES;

    private final LogFile log;
    private final Vector<Spool> spools;
    private int strange;

    private Catchup(LogFile log, Vector<Spool> spools) {
        this.log = log;
        this.spools = spools;
    }

    /** @param from length of the log as the cursor has it */
    static void run(LogFile log, long from, Vector<Spool> spools) throws IOException {
        long lengthBytes = log.mark().lengthBytes();
        if (lengthBytes <= from) {
            return;
        }
        var catchup = new Catchup(log, spools);
        byte[] tail = catchup.tail(from, lengthBytes);
        int end = catchup.lines(tail);
        if (end < tail.length && from + tail.length == lengthBytes) {
            log.cut(from + end);
        }
        if (catchup.strange > 0) {
            LOG.warn("{} lines of a log are not of its container: somebody else writes to it", catchup.strange);
        }
    }

    private byte[] tail(long from, long lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) Math.min(lengthBytes - from, BYTES_MAX));
        while (bytes.hasRemaining() && log.read(from + bytes.position(), bytes) >= 0) {
            // All that is there.
        }
        byte[] tail = new byte[bytes.flip().remaining()];
        bytes.get(tail);
        return tail;
    }

    /** @return where the last whole line ends */
    private int lines(byte[] tail) throws IOException {
        int from = 0;
        for (int at = 0; at < tail.length; at++) {
            if (tail[at] == '\n') {
                Option<LogLines.Text> text = LogLines.read(tail, from, at);
                strange += text.isDefined() && consume(text.get()) ? 0 : 1;
                from = at + 1;
            }
        }
        return from;
    }

    private boolean consume(LogLines.Text text) throws IOException {
        for (Spool spool : spools) {
            if (spool.stream() == text.stream() && text.bytes().length <= spool.backlogBytes()) {
                byte[] next = new byte[text.bytes().length];
                spool.read(next, next.length, ByteBuffer.allocateDirect(next.length));
                if (Arrays.equals(next, text.bytes())) {
                    spool.consume(next.length);
                    return true;
                }
            }
        }
        return false;
    }
}
