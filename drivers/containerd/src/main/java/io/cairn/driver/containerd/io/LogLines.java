package io.cairn.driver.containerd.io;

import io.vavr.control.Option;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Lines of a log in the CRI's form (kubernetes design proposal "kubelet-cri-logging"), and back:
 *
 * <pre>
 * 2026-11-26T15:42:29.523924428Z stdout F a whole line
 * 2026-11-26T15:42:29.523988643Z stderr P a part, to which no line feed belongs
 * </pre>
 *
 * <p>The form loses nothing: F stands for the text with a line feed, P for the text without. Everything before the text has
 * {@link #HEAD_BYTES} bytes.
 */
final class LogLines {
    static final int HEAD_BYTES = 40;
    /** As conmon, which cuts where it has read so much. */
    static final int TEXT_BYTES_MAX = 8 * 1024;
    static final int LINE_BYTES_MAX = HEAD_BYTES + TEXT_BYTES_MAX + 1;

    private static final int STREAM_AT = 31;
    private static final int TAG_AT = 38;
    private static final int STREAM_BYTES = 6;
    private static final byte WHOLE = 'F';
    private static final byte PART = 'P';
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private LogLines() {}

    /**
     * Writes lines as long as there are whole ones, and room.
     *
     * @param rest what does not end with a line feed is written too, as a part
     * @return how many of the bytes have been written
     */
    static int write(Stream stream, Instant time, byte[] bytes, int length, boolean rest, ByteBuffer log) {
        byte[] head = (TIME.format(time) + " " + stream.label() + "   ").getBytes(StandardCharsets.US_ASCII);
        int at = 0;
        while (at < length) {
            int end = lineFeed(bytes, at, Math.min(length, at + TEXT_BYTES_MAX + 1));
            boolean whole = end >= 0;
            if (!whole && length - at <= TEXT_BYTES_MAX && !rest) {
                break;
            }
            int textEnd = whole ? end : Math.min(length, at + TEXT_BYTES_MAX);
            if (log.remaining() < HEAD_BYTES + textEnd - at + 1) {
                break;
            }
            head[TAG_AT] = whole ? WHOLE : PART;
            log.put(head).put(bytes, at, textEnd - at).put((byte) '\n');
            at = whole ? textEnd + 1 : textEnd;
        }
        return at;
    }

    private static int lineFeed(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** The bytes one line of the log stands for. */
    record Text(Stream stream, byte[] bytes) {}

    /** @return none when it is no line that {@link #write} has written */
    static Option<Text> read(byte[] log, int from, int end) {
        boolean shaped = end - from >= HEAD_BYTES && log[from + STREAM_AT - 1] == ' ' && log[from + TAG_AT - 1] == ' '
                && log[from + HEAD_BYTES - 1] == ' ' && log[from + STREAM_AT - 2] == 'Z';
        if (!shaped) {
            return Option.none();
        }
        String label = new String(log, from + STREAM_AT, STREAM_BYTES, StandardCharsets.US_ASCII);
        byte tag = log[from + TAG_AT];
        for (Stream stream : Stream.values()) {
            if (stream.label().equals(label) && (tag == WHOLE || tag == PART)) {
                byte[] text = new byte[end - from - HEAD_BYTES + (tag == WHOLE ? 1 : 0)];
                System.arraycopy(log, from + HEAD_BYTES, text, 0, end - from - HEAD_BYTES);
                if (tag == WHOLE) {
                    text[text.length - 1] = '\n';
                }
                return Option.some(new Text(stream, text));
            }
        }
        return Option.none();
    }
}
