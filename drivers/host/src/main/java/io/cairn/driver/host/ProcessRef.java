package io.cairn.driver.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.linux.Processes;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One process for as long as this boot lasts: a pid that was given again does not match. */
public record ProcessRef(long pid, long startTicks) {
    private static final long POLL_NANOS_MIN = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long POLL_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(10);

    /** None when it has ended, or is a zombie. */
    public static Option<ProcessRef> of(long pid) throws IOException {
        return Option.ofOptional(Processes.stat(pid)).filter(s -> !s.hasEnded()).map(s -> new ProcessRef(pid, s.startTicks()));
    }

    /** The process a pid file names, if a process has that pid now. */
    public static Option<ProcessRef> ofPidFile(Path file) throws IOException {
        Option<Long> pid = pidIn(file);
        return pid.isEmpty() ? Option.none() : of(pid.get());
    }

    public static Option<Long> pidIn(Path file) throws IOException {
        return FileTrees.read(file).map(b -> new String(b, StandardCharsets.US_ASCII).strip())
                .filter(t -> t.matches("[1-9][0-9]{0,9}")).map(Long::parseLong);
    }

    public static Option<ProcessRef> read(JsonNode node) {
        return node.path("pid").canConvertToLong() && node.path("start_ticks").canConvertToLong()
                ? Option.some(new ProcessRef(node.path("pid").longValue(), node.path("start_ticks").longValue()))
                : Option.none();
    }

    public ObjectNode toJson() {
        return FileTrees.JSON.createObjectNode().put("pid", pid).put("start_ticks", startTicks);
    }

    public boolean isAlive() throws IOException {
        return Processes.isAlive(pid, startTicks);
    }

    /** @return false when it has ended */
    public boolean signal(int signal) throws IOException {
        // A driver may know of a process only that it has ended; 0 is no pid.
        return pid > 0 && Processes.signal(pid, startTicks, signal);
    }

    /** Waits for the end of a process that is not our child: looks again and again, more and more seldom. */
    public boolean awaitEnd(long millisMax) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millisMax);
        for (long pause = POLL_NANOS_MIN; isAlive(); pause = Math.min(2 * pause, POLL_NANOS_MAX)) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(pause);
        }
        return true;
    }
}
