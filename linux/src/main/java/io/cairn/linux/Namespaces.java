package io.cairn.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import jnr.constants.platform.Errno;
import jnr.constants.platform.OpenFlags;

/**
 * unshare(2), setns(2) and what has to be done from inside a namespace. Thread-safe.
 *
 * <p>On Linux a namespace belongs to a thread, and a thread inherits those of the thread that created it. Therefore work
 * in another namespace is only offered as a task on a fresh platform thread that ends with the task
 * ({@link #inNew}, {@link #inside}): no thread of the JVM can stay behind in a pod. The same rule binds the task: it must not
 * start a thread or a process, and must not complete a future or unlock anything that a virtual thread waits for (that may
 * start a carrier thread, which would then live in the pod).
 */
public final class Namespaces {
    /** nsfs as statfs(2) names it: NSFS_MAGIC of linux/magic.h, "nsfs" in ASCII. */
    private static final long NSFS_MAGIC = 0x6e736673L;
    private static final int STATFS_BYTES_MAX = 256;

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final int IFREQ_BYTES = 40;
    private static final int IFNAME_BYTES = 16;
    private static final short IFF_UP = 1;
    private static final int HOST_NAME_BYTES_MAX = 64;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private Namespaces() {}

    private interface Calls {
        int unshare(int flags);

        int setns(int fd, int type);

        int sethostname(byte[] name, long size);

        int statfs(String path, byte[] result);

        int socket(int domain, int type, int protocol);

        int ioctl(int fd, long request, byte[] argument);

        int open(String path, int flags);

        int close(int fd);
    }

    /** The kinds a pod owns, with their name below /proc/PID/ns and their CLONE_NEW flag (namespaces(7)). */
    public enum Kind {
        NET("net", 0x40000000),
        IPC("ipc", 0x08000000),
        UTS("uts", 0x04000000);

        private final String procName;
        private final int flag;

        Kind(String procName, int flag) {
            this.procName = procName;
            this.flag = flag;
        }

        /** {@code net}, {@code ipc} or {@code uts}. */
        public String procName() {
            return procName;
        }

        /** This namespace of the thread that opens the path; only of use to {@link Mounts#bind} on that very thread. */
        public Path ofThisThread() {
            return Path.of("/proc/thread-self/ns", procName);
        }
    }

    /**
     * Runs a task on a fresh thread in new namespaces of the given kinds. They die with the thread unless the task pins them
     * (binds {@link Kind#ofThisThread()} somewhere). Waits for the end; an interrupt is passed on to the task and kept.
     *
     * @throws LinuxException where unshare(2) fails; otherwise whatever the task throws
     */
    public static <T> T inNew(Set<Kind> kinds, Callable<T> task) throws Exception {
        int flags = kinds.stream().mapToInt(k -> k.flag).reduce(0, (a, b) -> a | b);
        return onOwnThread("cairn-ns-new", () -> {
            LibC.check(CALLS.unshare(flags), "unshare", kinds);
            return task.call();
        });
    }

    /**
     * Runs a task on a fresh thread that has joined the namespaces behind the given files. A socket opened by the task stays in
     * that network namespace and may be used from any thread afterwards. Waits as {@link #inNew} does.
     *
     * @throws LinuxException where open(2) or setns(2) fails; otherwise whatever the task throws
     */
    public static <T> T inside(Map<Kind, Path> files, Callable<T> task) throws Exception {
        return onOwnThread("cairn-ns-in", () -> {
            for (var entry : files.entrySet()) {
                join(entry.getKey(), entry.getValue());
            }
            return task.call();
        });
    }

    private static void join(Kind kind, Path file) throws LinuxException {
        int flags = OpenFlags.O_RDONLY.intValue() | OpenFlags.O_CLOEXEC.intValue();
        int fd = LibC.check(CALLS.open(file.toString(), flags), "open", file);
        try {
            LibC.check(CALLS.setns(fd, kind.flag), "setns", file, kind);
        } finally {
            CALLS.close(fd);
        }
    }

    /** The outcome travels in plain fields that join() publishes: nothing may be unparked from inside the namespace. */
    private static <T> T onOwnThread(String name, Callable<T> task) throws Exception {
        var run = new Run<>(task);
        Thread thread = Thread.ofPlatform().name(name).unstarted(run);
        thread.start();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                thread.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return run.outcome();
    }

    private static final class Run<T> implements Runnable {
        private final Callable<T> task;
        private T result;
        private Throwable failure;

        Run(Callable<T> task) {
            this.task = task;
        }

        @Override
        public void run() {
            try {
                result = task.call();
            } catch (Throwable e) {
                failure = e;
            }
        }

        T outcome() throws Exception {
            switch (failure) {
                case null -> {
                    return result;
                }
                case Error error -> throw error;
                case Exception exception -> throw exception;
                case Throwable other -> throw new IllegalStateException(other);
            }
        }
    }

    /**
     * Sets the host name of the UTS namespace this thread is in (sethostname(2)). Only to be called inside a task of
     * {@link #inNew} or {@link #inside}: elsewhere it renames the node.
     *
     * @param name 1 to 64 bytes
     */
    public static void setHostname(String name) throws LinuxException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > HOST_NAME_BYTES_MAX) {
            throw new LinuxException("sethostname", name, Errno.EINVAL.intValue());
        }
        LibC.check(CALLS.sethostname(bytes, bytes.length), "sethostname", name);
    }

    /**
     * Brings {@code lo} up in the network namespace this thread is in; the kernel adds 127.0.0.1/8 and ::1 by itself
     * (netdevice(7), SIOCSIFFLAGS). Idempotent.
     */
    public static void raiseLoopback() throws LinuxException {
        int socket = LibC.check(CALLS.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "AF_INET", "SOCK_DGRAM");
        try {
            ByteBuffer request = ByteBuffer.allocate(IFREQ_BYTES).order(ByteOrder.nativeOrder());
            request.put(0, "lo".getBytes(StandardCharsets.US_ASCII));
            LibC.check(CALLS.ioctl(socket, SIOCGIFFLAGS, request.array()), "ioctl", "SIOCGIFFLAGS", "lo");
            request.putShort(IFNAME_BYTES, (short) (request.getShort(IFNAME_BYTES) | IFF_UP));
            LibC.check(CALLS.ioctl(socket, SIOCSIFFLAGS, request.array()), "ioctl", "SIOCSIFFLAGS", "lo", "IFF_UP");
        } finally {
            CALLS.close(socket);
        }
    }

    /** Whether a path leads to a namespace (a pinned one or /proc/PID/ns/...): the f_type of statfs(2) tells. Absent: false. */
    public static boolean isNamespaceFile(Path path) throws LinuxException {
        byte[] result = new byte[STATFS_BYTES_MAX];
        if (CALLS.statfs(path.toString(), result) == 0) {
            return ByteBuffer.wrap(result).order(ByteOrder.nativeOrder()).getLong(0) == NSFS_MAGIC;
        }
        if (LibC.lastErrorIs(Errno.ENOENT) || LibC.lastErrorIs(Errno.ENOTDIR)) {
            return false;
        }
        throw LibC.failure("statfs", path);
    }
}
