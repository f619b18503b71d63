package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Starts a container's monitor, which has the OCI runtime create the container and then holds its output and waits for its end.
 *
 * <p>conmon(8) tells how that went on a pipe whose number is in _OCI_SYNCPIPE. The JDK hands a child no pipe but 0 to 2, and
 * conmon gives those up, hence a shell that moves stdout to 3; its words are fixed, everything else are its arguments. conmon
 * forks into a session of its own and writes nothing more to that pipe, so nothing of it hangs on the daemon.
 */
record Conmon(Path binary, Path shell, Duration deadline) {
    private static final String MOVE_STDOUT_TO_3 = "exec \"$@\" 3>&1 >/dev/null";
    private static final int MESSAGE_BYTES_MAX = 1 << 17;

    /**
     * @param log none: the output is dropped
     * @param stdin somebody may attach and write to the container
     * @param stdinOnce the first who attaches closes stdin when he leaves
     */
    record Job(ContainerFiles files, OciRuntime runtime, Option<Path> log, boolean terminal, boolean stdin, boolean stdinOnce) {}

    /** @return pid of the container's main process: created, waiting to be started */
    long create(Job job) throws DriverException {
        var command = new Command("Creating container " + job.files().id(), argv(job), HashMap.of("_OCI_SYNCPIPE", "3"),
                job.files().bundle(), deadline, MESSAGE_BYTES_MAX);
        try (OutputPump pump = OutputPump.open(2, MESSAGE_BYTES_MAX, true)) {
            Process process = command.start(pump.writeEnd(0), pump.writeEnd(1));
            pump.start();
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS) || !pump.await(deadline.toMillis())) {
                process.destroyForcibly();
                throw Failures.of(Failure.Kind.TIMED_OUT, "Cannot create container %s: %s did not answer within %s", job.files().id(), binary, deadline);
            }
            return answer(job, pump.bytes(0).toStringUtf8(), Command.clean(pump.bytes(1)));
        } catch (IOException e) {
            throw Failures.io("Cannot create container %s: cannot run %s through %s".formatted(job.files().id(), binary, shell), e);
        } catch (InterruptedException e) {
            throw command.interrupted();
        }
    }

    private List<String> argv(Job job) {
        ContainerFiles files = job.files();
        OciRuntime runtime = job.runtime();
        List<String> argv = List.of(shell.toString(), "-c", MOVE_STDOUT_TO_3, "sh", binary.toString(), "--api-version",
                "--cid", files.id(), "--cuuid", files.id(), "--bundle", files.bundle().toString(), "--full-attach",
                "--container-pidfile", files.pidFile().toString(), "--conmon-pidfile", files.conmonPidFile().toString(),
                "--exit-dir", files.exit().getParent().toString(), "--persist-dir", files.conmon().toString(),
                // Syncing the log first would make the exit record late, and its time is the time of the exit.
                "--no-sync-log",
                "--log-path", job.log().map(p -> "k8s-file:" + p).getOrElse("none"),
                "--runtime", runtime.binary().toString());
        argv = argv.appendAll(runtime.options().filter(o -> !o.equals("--systemd-cgroup")).appendAll(runtime.loggingTo(files.runtimeLog()))
                .map(o -> "--runtime-arg=" + o));
        argv = runtime.systemdCgroup() ? argv.append("--systemd-cgroup") : argv;
        argv = job.terminal() ? argv.append("--terminal") : argv;
        argv = job.stdin() ? argv.append("--stdin") : argv;
        return job.stdin() && !job.stdinOnce() ? argv.append("--leave-stdin-open") : argv;
    }

    /** {@code {"data": 4711}}, or {@code {"data": -1, "message": "why"}}, or nothing when conmon itself failed. */
    private long answer(Job job, String line, String stderr) throws DriverException {
        JsonNode answer = parsed(line);
        if (answer.path("data").asLong() > 0) {
            return answer.path("data").asLong();
        }
        String message = answer.path("message").asText().replaceAll("\\p{Cntrl}+", " ").strip();
        String reason = OciRuntime.logged(job.files().runtimeLog()).getOrElse(() -> !message.isEmpty() ? message
                : stderr.isEmpty() ? binary + " ended without saying why" : stderr);
        throw Failures.failed("Cannot create container %s: %s", job.files().id(), reason);
    }

    private static JsonNode parsed(String line) {
        try {
            return FileTrees.JSON.readTree(line);
        } catch (IOException e) {
            return FileTrees.JSON.createObjectNode();
        }
    }
}
