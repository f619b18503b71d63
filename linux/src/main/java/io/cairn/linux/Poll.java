package io.cairn.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jnr.constants.platform.Errno;

/** One poll(2). Holds the calling thread in the kernel: not for virtual threads. Used by one thread. */
final class Poll {
    static final short IN = 1;
    static final short OUT = 4;
    /** The place of what is not waited for, which is never ready. */
    static final int NONE = -1;

    private static final int POLLFD_BYTES = 8;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private record Wanted(int fd, short events) {}

    private final List<Wanted> wanted = new ArrayList<>();
    private ByteBuffer answer = ByteBuffer.allocate(0);

    private interface Calls {
        int poll(byte[] pollfds, long count, int timeoutMillis);
    }

    /** @return its place, by which {@link #isReady} is asked */
    int add(int fd, short events) {
        wanted.add(new Wanted(fd, events));
        return wanted.size() - 1;
    }

    /**
     * Waits until at least one is ready, or at its end, or broken.
     *
     * @param timeoutMillis 0 to look without waiting, -1 to wait for good
     */
    void await(int timeoutMillis) throws LinuxException {
        var pollfds = ByteBuffer.allocate(wanted.size() * POLLFD_BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < wanted.size(); i++) {
            pollfds.putInt(i * POLLFD_BYTES, wanted.get(i).fd());
            pollfds.putShort(i * POLLFD_BYTES + EVENTS, wanted.get(i).events());
        }
        // poll(2), interrupted by a signal, is poll without a result.
        if (CALLS.poll(pollfds.array(), wanted.size(), timeoutMillis) == -1 && !LibC.lastErrorIs(Errno.EINTR)) {
            throw LibC.failure("poll", wanted.size() + " descriptors", timeoutMillis);
        }
        answer = pollfds;
    }

    boolean isReady(int place) {
        return place != NONE && answer.getShort(place * POLLFD_BYTES + REVENTS) != 0;
    }
}
