package io.cairn.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * The process table, and signals that can only reach the process that was meant. Thread-safe.
 *
 * <p>A pid alone names nobody: it is given again after a process has ended. Pid and start time together name one process for as
 * long as the host is up, so both are asked for wherever somebody is to be hit.
 */
public final class Processes {
    /** Numbers of signal(7) that are the same on every architecture Linux runs containers on. */
    public static final int SIGKILL = 9;

    /** The same on every architecture, as all system calls since 5.0 are (include/uapi/asm-generic/unistd.h). */
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final int COMMAND_LINE_BYTES_MAX = 1 << 17;

    private static final Path PROC = Path.of("/proc");
    private static final Calls CALLS = LibC.bind(Calls.class);

    private Processes() {}

    private interface Calls {
        long syscall(long number, long first, long second, long third, long fourth);

        int close(int fd);
    }

    /**
     * What proc_pid_stat(5) says of a process.
     *
     * @param state one letter, as there
     * @param startTicks clock ticks between boot and the start of the process
     */
    public record Stat(long pid, char state, long parent, long session, long startTicks) {
        /** A zombie has ended; only its parent has not asked for its exit code yet. */
        public boolean hasEnded() {
            return state == 'Z' || state == 'X' || state == 'x';
        }
    }

    /** The effective user of this process, geteuid(2): who it may act as; 0 is root. */
    public static int effectiveUser() {
        return LibC.posix().geteuid();
    }

    /** Empty when there is no such process. */
    public static Optional<Stat> stat(long pid) throws IOException {
        try {
            return Optional.of(parse(Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // A process that ends between open and read gives ESRCH, which the JDK has no exception for.
            if (Files.notExists(PROC.resolve(Long.toString(pid)))) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether this very process is there and has not ended. */
    public static boolean isAlive(long pid, long startTicks) throws IOException {
        return stat(pid).filter(s -> s.startTicks() == startTicks && !s.hasEnded()).isPresent();
    }

    /** Every process of this PID namespace; those that end meanwhile are left out. */
    public static List<Stat> all() throws IOException {
        var found = new ArrayList<Stat>();
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                stat(Long.parseLong(entry.getFileName().toString())).ifPresent(found::add);
            }
        }
        return found;
    }

    /** The arguments a process was started with; none for a kernel thread, and for a process that has ended. */
    public static List<String> commandLine(long pid) {
        try (var in = Files.newInputStream(PROC.resolve(Long.toString(pid)).resolve("cmdline"))) {
            String text = new String(in.readNBytes(COMMAND_LINE_BYTES_MAX), StandardCharsets.UTF_8);
            return text.isEmpty() ? List.of() : List.of(text.split("\0"));
        } catch (IOException ended) {
            return List.of();
        }
    }

    /**
     * Sends a signal (number as in signal(7)) to exactly this process, through a pidfd: a pid that was given to another process
     * meanwhile is not hit.
     *
     * @return false when the process has ended
     */
    public static boolean signal(long pid, long startTicks, int signal) throws IOException {
        int fd;
        try {
            fd = pidFd(pid);
        } catch (LinuxException e) {
            if (e.is(Errno.ESRCH)) {
                return false;
            }
            throw e;
        }
        try {
            // Only now is the pid held: what it names cannot change between this look and the signal.
            if (!isAlive(pid, startTicks)) {
                return false;
            }
            if (CALLS.syscall(SYS_PIDFD_SEND_SIGNAL, fd, signal, 0, 0) == 0) {
                return true;
            }
            if (LibC.lastErrorIs(Errno.ESRCH)) {
                return false;
            }
            throw LibC.failure("pidfd_send_signal", "pid " + pid, "signal " + signal);
        } finally {
            CALLS.close(fd);
        }
    }

    /** pidfd_open(2); to be closed. */
    static int pidFd(long pid) throws LinuxException {
        long fd = CALLS.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0);
        if (fd == -1) {
            throw LibC.failure("pidfd_open", pid);
        }
        return (int) fd;
    }

    /** {@code 42 (a name) S 1 42 42 …}: the name may hold spaces and brackets, so fields are counted from its last bracket. */
    static Stat parse(String line) throws IOException {
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        String[] fields = close < 0 ? new String[0] : line.substring(close + 1).strip().split(" ");
        if (open < 2 || fields.length < 20) {
            throw new IOException("Expected a line of proc_pid_stat(5), but read: " + line);
        }
        return new Stat(Long.parseLong(line.substring(0, open - 1)), fields[0].charAt(0), Long.parseLong(fields[1]),
                Long.parseLong(fields[3]), Long.parseLong(fields[19]));
    }
}
