package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.checkpoint.CriuRuns;
import io.cairn.linux.Processes;
import io.vavr.collection.List;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Commands about a container that a daemon before this one began and could not see to their end: {@code runc start} goes on when
 * the daemon is killed. Nobody may judge the container's state, or begin anew, while one of them is under way.
 *
 * <p>They are known by their arguments. A program inside a container can look like one of them, and is then waited for and
 * killed as one: that harms only itself.
 */
record Strays(Path runtimeRoot) {
    private static final long END_MILLIS_MAX = 5_000;
    private static final long CHECKPOINT_MILLIS_MAX = 30_000;
    private static final long DEATH_MILLIS_MAX = 5_000;

    /** Waits until no command of the OCI runtime about this container is under way; one that does not end is killed. */
    void settle(String id) throws IOException, DriverException {
        settle(id, END_MILLIS_MAX);
    }

    private void settle(String id, long millisMax) throws IOException, DriverException {
        for (ProcessRef command : find(arguments -> isRuntimeCommand(arguments, id))) {
            if (!command.awaitEnd(millisMax)) {
                kill(command, id);
            }
        }
    }

    /** The same of a checkpoint, and of CRIU; both are given time. */
    void settleCheckpoint(String id, Path directory) throws IOException, DriverException {
        settle(id, CHECKPOINT_MILLIS_MAX);
        CriuRuns.awaitEnd(directory);
    }

    /** Kills the monitor and every runtime command of this container, and waits until they are gone. */
    void kill(String id) throws IOException, DriverException {
        // The monitor first: it would start the command anew or report the death of what it waits for.
        for (ProcessRef monitor : find(arguments -> isMonitor(arguments, id))) {
            kill(monitor, id);
        }
        for (ProcessRef command : find(arguments -> isRuntimeCommand(arguments, id))) {
            kill(command, id);
        }
    }

    boolean isMonitor(ProcessRef process, String id) {
        return isMonitor(List.ofAll(Processes.commandLine(process.pid())), id);
    }

    /** Every process that was given this very argument. */
    static List<ProcessRef> withArgument(String argument) throws IOException {
        return find(arguments -> arguments.contains(argument));
    }

    private static void kill(ProcessRef process, String id) throws IOException, DriverException {
        process.signal(Processes.SIGKILL);
        if (!process.awaitEnd(DEATH_MILLIS_MAX)) {
            throw Failures.failed("Process %d, a command about %s, was killed and does not end: look at /proc/%d/stack", process.pid(), id,
                    process.pid());
        }
    }

    /** {@code conmon … --cid ID …}. */
    private boolean isMonitor(List<String> arguments, String id) {
        int cid = arguments.indexOf("--cid");
        return cid >= 0 && cid + 1 < arguments.size() && arguments.get(cid + 1).equals(id)
                && arguments.contains("--runtime-arg=" + runtimeRoot) && !arguments.contains("--exec");
    }

    /** {@code runc --root ROOT … VERB … ID}. */
    private boolean isRuntimeCommand(List<String> arguments, String id) {
        int root = arguments.indexOf("--root");
        return root >= 0 && root + 1 < arguments.size() && arguments.get(root + 1).equals(runtimeRoot.toString())
                && arguments.contains(id) && !arguments.contains("--cid");
    }

    private static List<ProcessRef> find(Predicate<List<String>> described) throws IOException {
        List<ProcessRef> found = List.empty();
        for (Processes.Stat stat : Processes.all()) {
            if (stat.pid() != ProcessHandle.current().pid() && !stat.hasEnded()
                    && described.test(List.ofAll(Processes.commandLine(stat.pid())))) {
                found = found.append(new ProcessRef(stat.pid(), stat.startTicks()));
            }
        }
        return found;
    }
}
