package io.cairn.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import jnr.constants.platform.Errno;

/**
 * Waits, on one thread, for all descriptors that others wait for (epoll(7)), so that a virtual thread which reads from a pipe holds no
 * carrier. Thread-safe. Descriptors must be closed before it.
 */
public final class Poller implements AutoCloseable {
    static final int READABLE = 1;
    static final int WRITABLE = 4;

    private static final int ONE_SHOT = 1 << 30;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EVENTS_MAX = 64;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int FOR_EVER = -1;
    /** No descriptor's: that of the event which tells of the close. */
    private static final long CLOSING = 0;

    /** struct epoll_event is packed on x86-64 only (linux/eventpoll.h). */
    private static final int EVENT_BYTES = System.getProperty("os.arch", "").equals("amd64") ? 12 : 16;
    private static final int EVENT_DATA_AT = EVENT_BYTES - 8;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private final int epoll;
    private final int closing;
    private final AtomicLong next = new AtomicLong();
    private final ConcurrentHashMap<Long, Waiter> waiters = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    /** Who waits for a descriptor. */
    interface Waiter {
        /** The poller's word: look again. On the poller's thread, which must not be held up. */
        void wake();
    }

    private interface Calls {
        int epoll_create1(int flags);

        int epoll_ctl(int epoll, int operation, int fd, byte[] event);

        int epoll_wait(int epoll, byte[] events, int count, int timeoutMillis);

        /** eventfd(2) */
        int eventfd(int initial, int flags);

        long write(int fd, byte[] buffer, long count);

        int close(int fd);
    }

    private Poller(int epoll, int closing) {
        this.epoll = epoll;
        this.closing = closing;
        this.thread = Thread.ofPlatform().daemon().name("cairn-poller").unstarted(this::run);
    }

    public static Poller open() throws LinuxException {
        int epoll = LibC.check(CALLS.epoll_create1(EPOLL_CLOEXEC), "epoll_create1", "EPOLL_CLOEXEC");
        int closing = CALLS.eventfd(0, EFD_CLOEXEC);
        if (closing == -1 || CALLS.epoll_ctl(epoll, CTL_ADD, closing, event(READABLE, CLOSING)) == -1) {
            LinuxException failure = LibC.failure("eventfd", "EFD_CLOEXEC", closing);
            CALLS.close(closing);
            CALLS.close(epoll);
            throw failure;
        }
        var poller = new Poller(epoll, closing);
        poller.thread.start();
        return poller;
    }

    /** @return the key by which the descriptor is told apart from a later one with the same number */
    long add(int fd, Waiter waiter) throws LinuxException {
        long key = next.incrementAndGet();
        waiters.put(key, waiter);
        if (CALLS.epoll_ctl(epoll, CTL_ADD, fd, event(ONE_SHOT, key)) == -1) {
            LinuxException failure = LibC.failure("epoll_ctl", "EPOLL_CTL_ADD", fd);
            waiters.remove(key);
            throw failure;
        }
        return key;
    }

    /** Wakes the waiter once, when it is as wanted or has come to its end. */
    void arm(int fd, long key, int wanted) throws LinuxException {
        LibC.check(CALLS.epoll_ctl(epoll, CTL_MOD, fd, event(wanted | ONE_SHOT, key)), "epoll_ctl", "EPOLL_CTL_MOD", fd);
    }

    void remove(int fd, long key) {
        waiters.remove(key);
        CALLS.epoll_ctl(epoll, CTL_DEL, fd, event(0, key));
    }

    private static byte[] event(int events, long key) {
        return ByteBuffer.allocate(EVENT_BYTES).order(ByteOrder.nativeOrder()).putInt(0, events).putLong(EVENT_DATA_AT, key).array();
    }

    private void run() {
        var events = ByteBuffer.allocate(EVENTS_MAX * EVENT_BYTES).order(ByteOrder.nativeOrder());
        while (!closed) {
            int count = CALLS.epoll_wait(epoll, events.array(), EVENTS_MAX, FOR_EVER);
            if (count == -1 && !LibC.lastErrorIs(Errno.EINTR)) {
                break;
            }
            for (int i = 0; i < count; i++) {
                Waiter waiter = waiters.get(events.getLong(i * EVENT_BYTES + EVENT_DATA_AT));
                if (waiter != null) {
                    waiter.wake();
                }
            }
        }
        CALLS.close(closing);
        CALLS.close(epoll);
    }

    @Override
    public void close() {
        tell();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void tell() {
        if (!closed) {
            closed = true;
            byte[] one = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(1).array();
            CALLS.write(closing, one, one.length);
        }
    }
}
