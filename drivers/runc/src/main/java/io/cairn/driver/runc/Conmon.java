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
 * The monitor: it has the OCI runtime create a container, or run a command in one, and then holds the output and waits for the end.
 *
 * <p>conmon(8) tells how that went on a pipe whose number is in _OCI_SYNCPIPE. The JDK hands a child no pipe but 0 to 2, and
 * conmon gives those up, hence a shell that moves stdout to 3; its words are fixed, everything else are its arguments. conmon
 * forks into a session of its own, so nothing of it hangs on the daemon.
 */
record Conmon(Path binary, Path shell, Duration deadline) {
    private static final String MOVE_STDOUT_TO_3 = "exec \"$@\" 3>&1 >/dev/null";
    private static final int MESSAGE_BYTES_MAX = 1 << 17;

    /**
     * @param log none: the output is dropped
     * @param stdin somebody may attach and write to the container
     * @param stdinOnce the first who attaches closes stdin when he leaves
     */
    record Creation(ContainerFiles files, OciRuntime runtime, Option<Path> log, boolean terminal, boolean stdin, boolean stdinOnce) {}

    /** @return pid of the container's main process: created, waiting to be started */
    long create(Creation job) throws DriverException {
        String id = job.files().id();
        var command = new Command("Creating container " + id, creationArguments(job), HashMap.of("_OCI_SYNCPIPE", "3"),
                job.files().bundle(), deadline, MESSAGE_BYTES_MAX);
        var answer = new BoundedOutput(MESSAGE_BYTES_MAX);
        var stderr = new BoundedOutput(MESSAGE_BYTES_MAX);
        try (OutputPump pump = OutputPump.open(answer, stderr)) {
            Process process = command.start(pump.writeEnd(0), pump.writeEnd(1));
            // conmon keeps its end for good, but says only one thing.
            pump.start(answer::hasLine);
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS) || !pump.await(deadline.toMillis())) {
                process.destroyForcibly();
                throw Failures.of(Failure.Kind.TIMED_OUT, "Cannot create container %s: %s did not answer within %s", id, binary, deadline);
            }
        } catch (IOException e) {
            throw Failures.io("Cannot create container %s: cannot run %s through %s".formatted(id, binary, shell), e);
        } catch (InterruptedException e) {
            throw command.interrupted();
        }
        var said = Said.of(answer);
        if (said.number() <= 0) {
            throw Failures.failed("Cannot create container %s: %s", id, reason(job.files().runtimeLog(), said, stderr));
        }
        return said.number();
    }

    private List<String> creationArguments(Creation job) {
        ContainerFiles files = job.files();
        List<String> arguments = arguments(files.id(), job.runtime(), files.runtimeLog()).appendAll(List.of(
                "--cuuid", files.id(), "--bundle", files.bundle().toString(), "--full-attach",
                "--container-pidfile", files.pidFile().toString(), "--conmon-pidfile", files.conmonPidFile().toString(),
                "--exit-dir", files.exit().getParent().toString(), "--persist-dir", files.conmon().toString(),
                "--log-path", job.log().map(p -> "k8s-file:" + p).getOrElse("none")));
        arguments = job.terminal() ? arguments.append("--terminal") : arguments;
        arguments = job.stdin() ? arguments.append("--stdin") : arguments;
        return job.stdin() && !job.stdinOnce() ? arguments.append("--leave-stdin-open") : arguments;
    }

    /** What every job has; an option for the runtime is one argument each, since conmon hands on one word at a time. */
    private List<String> arguments(String id, OciRuntime runtime, Path runtimeLog) {
        List<String> arguments = List.of(shell.toString(), "-c", MOVE_STDOUT_TO_3, "sh", binary.toString(), "--api-version", "--cid", id,
                // Syncing the log first would make the exit record late, and its time is the time of the exit.
                "--no-sync-log", "--runtime", runtime.binary().toString());
        List<String> handedOn = runtime.options().filter(o -> !o.equals("--systemd-cgroup")).appendAll(runtime.loggingTo(runtimeLog));
        arguments = arguments.appendAll(handedOn.map(o -> "--runtime-arg=" + o));
        return runtime.systemdCgroup() ? arguments.append("--systemd-cgroup") : arguments;
    }

    /**
     * @param directory of the command's own, in which {@code process.json} is; {@code pid} and {@code conmon.pid} come
     * @param containerId whose container it runs in
     */
    record Execution(Path directory, String containerId, String execId, OciRuntime runtime) {
        Path process() {
            return directory.resolve("process.json");
        }

        /** Written when the program has been found and is run. */
        Path pidFile() {
            return directory.resolve("pid");
        }

        Path runtimeLog() {
            return directory.resolve("runtime.log");
        }
    }

    /** How a command ended; none when it was still running at the time limit. */
    record Executed(Option<Integer> exitCode, String failure, CriLogSplitter output) {}

    /**
     * Runs a command to its end. conmon, and not the OCI runtime, waits for it: {@code runc exec} ends only when all who hold the
     * output have ended, and what the command leaves behind may hold it for good.
     *
     * @param limit how long to wait; the command then still runs
     */
    Executed execute(Execution job, Duration limit, int outputBytesMax) throws DriverException, InterruptedException {
        var answer = new BoundedOutput(MESSAGE_BYTES_MAX);
        var stderr = new BoundedOutput(MESSAGE_BYTES_MAX);
        var output = new CriLogSplitter(outputBytesMax);
        try (OutputPump pump = OutputPump.open(answer, stderr, output)) {
            // conmon takes a file for its log; this one is our pipe, by which no output is ever stored.
            Path log = Path.of(pump.writeEnd(2).toString().replace("self", Long.toString(ProcessHandle.current().pid())));
            var command = new Command("Running a command in container " + job.containerId(), executionArguments(job, log),
                    HashMap.of("_OCI_SYNCPIPE", "3"), job.directory(), deadline, MESSAGE_BYTES_MAX);
            Process process = command.start(pump.writeEnd(0), pump.writeEnd(1));
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw Failures.of(Failure.Kind.TIMED_OUT, "%s: %s did not come up within %s", command.title(), binary, deadline);
            }
            pump.start(() -> false);
            if (!pump.await(limit.toMillis())) {
                return new Executed(Option.none(), "", output);
            }
        } catch (IOException e) {
            String tried = "Cannot run a command in container %s: cannot run %s through %s".formatted(job.containerId(), binary, shell);
            throw Failures.io(tried, e);
        }
        // First the pid, then the exit code; only one, below zero, when the runtime could not run it.
        var said = Said.of(answer);
        return said.count() >= 2 && said.number() >= 0 ? new Executed(Option.some((int) said.number()), "", output)
                : new Executed(Option.some(-1), reason(job.runtimeLog(), said, stderr), output);
    }

    private List<String> executionArguments(Execution job, Path log) {
        return arguments(job.containerId(), job.runtime(), job.runtimeLog()).appendAll(List.of("--cuuid", job.execId(),
                "--exec", "--exec-process-spec", job.process().toString(), "--container-pidfile", job.pidFile().toString(),
                "--log-path", "k8s-file:" + log));
    }

    private String reason(Path runtimeLog, Said said, BoundedOutput stderr) {
        String own = Command.clean(stderr.bytes());
        return OciRuntime.logged(runtimeLog).getOrElse(() -> !said.message().isEmpty() ? said.message()
                : own.isEmpty() ? binary + " ended without saying why" : own);
    }

    /**
     * Lines like {@code {"data": 4711}} or {@code {"data": -1, "message": "why"}}; none when conmon itself failed.
     *
     * @param number of the last line
     */
    private record Said(int count, long number, String message) {
        static Said of(BoundedOutput answer) {
            var said = new Said(0, -1, "");
            for (String line : answer.bytes().toStringUtf8().lines().toList()) {
                JsonNode json = parsed(line);
                String message = json.path("message").asText().replaceAll("\\p{Cntrl}+", " ").strip();
                said = new Said(said.count() + 1, json.path("data").asLong(-1), message);
            }
            return said;
        }

        private static JsonNode parsed(String line) {
            try {
                return FileTrees.JSON.readTree(line);
            } catch (IOException e) {
                return FileTrees.JSON.createObjectNode();
            }
        }
    }
}
