package io.cairn.driver.runc;

import io.cairn.driver.host.BoundedOutput;
import io.cairn.linux.Child.Sink;

/**
 * Turns a log in the CRI's form back into the two outputs it was made of (kubernetes design proposal "kubelet-cri-logging"):
 *
 * <pre>
 * 2026-11-22T15:42:29.523924428+00:00 stdout F a whole line
 * 2026-11-22T15:42:29.523988643+00:00 stderr P a part, to which no line feed belongs
 * </pre>
 *
 * <p>Bounded whatever comes: of a line only its head is ever held. One thread writes; what it has written may be read by others.
 */
final class CriLogSplitter implements Sink {
    private static final int HEAD_BYTES_MAX = 64;
    private static final int SPACES_IN_HEAD = 3;
    private static final byte[] LINE_FEED = {'\n'};

    private final BoundedOutput stdout;
    private final BoundedOutput stderr;
    private final StringBuilder head = new StringBuilder();
    private int spaces;

    CriLogSplitter(int bytesMax) {
        this.stdout = new BoundedOutput(bytesMax);
        this.stderr = new BoundedOutput(bytesMax);
    }

    BoundedOutput stdout() {
        return stdout;
    }

    BoundedOutput stderr() {
        return stderr;
    }

    @Override
    public void accept(byte[] buffer, int from, int to) {
        int at = from;
        while (at < to) {
            if (spaces < SPACES_IN_HEAD && head.length() < HEAD_BYTES_MAX) {
                char c = (char) (buffer[at++] & 0xff);
                head.append(c);
                spaces += c == ' ' ? 1 : 0;
            } else {
                at = content(buffer, at, to);
            }
        }
    }

    /** @return where the next line begins, or the end */
    private int content(byte[] buffer, int from, int to) {
        int end = from;
        while (end < to && buffer[end] != '\n') {
            end++;
        }
        BoundedOutput output = head.indexOf(" stderr ") > 0 ? stderr : stdout;
        output.accept(buffer, from, end);
        if (end == to) {
            return end;
        }
        if (head.indexOf(" F ") > 0) {
            output.accept(LINE_FEED, 0, 1);
        }
        head.setLength(0);
        spaces = 0;
        return end + 1;
    }
}
