package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.BoundedOutput;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.checkpoint.CriuLog;
import io.cairn.linux.Child;
import io.cairn.linux.Child.Output;
import io.cairn.linux.Pipe;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The monitor: it has the OCI runtime create a container, or run a command in one, and then holds the output and waits for the end.
 *
 * <p>conmon(8) tells how that went on a pipe whose number is in _OCI_SYNCPIPE; it gives up 0 to 2. It forks into a session of its
 * own, so nothing of it hangs on the daemon.
 */
record Conmon(Path binary, Duration deadline) {
    /** Descriptors that conmon is told of by its environment. */
    static final int SYNC_PIPE = 3;
    static final int START_PIPE = 4;
    static final int ATTACH_PIPE = 5;
    private static final int STDERR = 2;
    private static final Map<String, String> ENVIRONMENT = HashMap.of("_OCI_SYNCPIPE", Integer.toString(SYNC_PIPE));
    private static final int MESSAGE_BYTES_MAX = 1 << 17;

    /**
     * @param log none: the output is dropped
     * @param stdin somebody may attach and write to the container
     * @param stdinOnce the first who attaches closes stdin when he leaves
     * @param restored what its processes come back from; none where the program is to begin anew
     */
    record Creation(RuncFiles files, OciRuntime runtime, Option<Path> log, boolean terminal, boolean stdin, boolean stdinOnce,
            Option<Restoration> restored) {
        /** One whose program begins anew. */
        Creation(RuncFiles files, OciRuntime runtime, Option<Path> log, boolean terminal, boolean stdin, boolean stdinOnce) {
            this(files, runtime, log, terminal, stdin, stdinOnce, Option.none());
        }
    }

    /**
     * @param images of CRIU
     * @param path on which the OCI runtime finds CRIU
     */
    record Restoration(Path images, String path) {}

    /** conmon takes a log with a name before it: {@code k8s-file:PATH}. */
    void requireLog(ContainerSpec spec) throws DriverException {
        String directory = spec.sandbox().config().getLogDirectory();
        String name = spec.config().getLogPath();
        if (directory.indexOf(':') >= 0 || name.indexOf(':') >= 0) {
            throw Failures.invalid("Expected no ':' in log_directory and log_path, since conmon cannot take it, but they are \"%.300s\" and "
                    + "\"%.300s\"", directory, name);
        }
    }

    /** @return pid of the container's main process: created, waiting to be started, or already running where it comes back */
    long create(Creation job) throws DriverException {
        String id = job.files().id();
        var command = new Command("Creating container " + id, creationArguments(job), job.restored().map(r -> ENVIRONMENT.put("PATH", r.path())).getOrElse(ENVIRONMENT),
                job.files().bundle(), deadline, MESSAGE_BYTES_MAX);
        var answer = new BoundedOutput(MESSAGE_BYTES_MAX);
        var stderr = new BoundedOutput(MESSAGE_BYTES_MAX);
        // conmon keeps its end for good, but says only one thing.
        try (Child conmon = command.start(answer::hasLine, Output.of(SYNC_PIPE, answer), Output.of(STDERR, stderr))) {
            if (!conmon.awaitEnd(deadline) || !conmon.awaitOutput(deadline)) {
                conmon.kill();
                throw Failures.of(Failure.Kind.TIMED_OUT, "Cannot create container %s: %s did not answer within %s", id, binary, deadline);
            }
        } catch (IOException e) {
            throw Failures.io("Cannot create container %s: cannot run %s".formatted(id, binary), e);
        } catch (InterruptedException e) {
            throw command.interrupted();
        }
        var said = Said.of(answer);
        if (said.number() <= 0) {
            String why = reason(job.files().runtimeLog(), said, stderr);
            throw Failures.failed("Cannot %s container %s: %s%s", job.restored().isDefined() ? "restore" : "create", id, why,
                    CriuLog.errors(job.files().bundle().resolve("restore.log")));
        }
        return said.number();
    }

    private List<String> creationArguments(Creation job) {
        RuncFiles files = job.files();
        List<String> arguments = arguments(files.id(), job.runtime(), files.runtimeLog()).appendAll(List.of(
                "--cuuid", files.id(), "--bundle", files.bundle().toString(), "--full-attach",
                "--container-pidfile", files.pidFile().toString(), "--conmon-pidfile", files.conmonPidFile().toString(),
                "--exit-dir", files.exit().getParent().toString(), "--persist-dir", files.conmon().toString(),
                "--log-path", job.log().map(p -> "k8s-file:" + p).getOrElse("none")));
        arguments = arguments.appendAll(job.restored().map(r -> List.of("--restore", r.images().toString(), "--runtime-opt=--file-locks",
                "--runtime-opt=--tcp-established")).getOrElse(List.empty()));
        arguments = job.terminal() ? arguments.append("--terminal") : arguments;
        arguments = job.stdin() ? arguments.append("--stdin") : arguments;
        return job.stdin() && !job.stdinOnce() ? arguments.append("--leave-stdin-open") : arguments;
    }

    private List<String> arguments(String id, OciRuntime runtime, Path runtimeLog) {
        List<String> arguments = List.of(binary.toString(), "--api-version", "--cid", id,
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

        /** conmon's socket and pipe, of a command with a terminal. */
        Path attachSocket() {
            return directory.resolve("attach");
        }

        Path control() {
            return directory.resolve("ctl");
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
        try {
            // conmon takes a file for its log; this one is our pipe, by which no output is ever stored.
            Pipe log = Pipe.open();
            var command = new Command("Running a command in container " + job.containerId(), executionArguments(job, log.writeEnd().toPath()),
                    ENVIRONMENT, job.directory(), deadline, MESSAGE_BYTES_MAX);
            try (Child conmon = command.start(() -> false, Output.of(SYNC_PIPE, answer), Output.of(STDERR, stderr), Output.at(log, output))) {
                if (!conmon.awaitEnd(deadline)) {
                    conmon.kill();
                    throw Failures.of(Failure.Kind.TIMED_OUT, "%s: %s did not come up within %s", command.title(), binary, deadline);
                }
                if (!conmon.awaitOutput(limit)) {
                    return new Executed(Option.none(), "", output);
                }
            }
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container %s: cannot run %s".formatted(job.containerId(), binary), e);
        }
        // First the pid, then the exit code; only one, below zero, when the runtime could not run it.
        var said = Said.of(answer);
        return said.count() >= 2 && said.number() >= 0 ? new Executed(Option.some((int) said.number()), "", output)
                : new Executed(Option.some(-1), reason(job.runtimeLog(), said, stderr), output);
    }

    private List<String> executionArguments(Execution job, Path log) {
        return arguments(job.containerId(), job.runtime(), job.runtimeLog()).appendAll(execution(job)).append("--log-path")
                .append("k8s-file:" + log);
    }

    private static List<String> execution(Execution job) {
        return List.of("--cuuid", job.execId(), "--exec", "--exec-process-spec", job.process().toString(),
                "--container-pidfile", job.pidFile().toString());
    }

    /** The command gets what conmon is given for input and output: conmon has no part in it, and only waits for its end. */
    Command passingThrough(Execution job) {
        return session(job, ENVIRONMENT, List.of("--log-path", "passthrough"));
    }

    /** The command gets a terminal, which conmon holds; whoever wants to see it attaches, and lets the command begin afterwards. */
    Command underTerminal(Execution job) {
        return session(job, ENVIRONMENT.put("_OCI_STARTPIPE", Integer.toString(START_PIPE)).put("_OCI_ATTACHPIPE", Integer.toString(ATTACH_PIPE)),
                List.of("--log-path", "none", "--terminal", "--stdin", "--leave-stdin-open", "--exec-attach", "--bundle",
                        job.directory().toString(), "--full-attach"));
    }

    private Command session(Execution job, Map<String, String> environment, List<String> more) {
        return new Command("Running a command in container " + job.containerId(),
                arguments(job.containerId(), job.runtime(), job.runtimeLog()).appendAll(execution(job)).appendAll(more), environment,
                job.directory(), deadline, MESSAGE_BYTES_MAX);
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
    record Said(int count, long number, String message) {
        static Said of(BoundedOutput answer) {
            var said = new Said(0, -1, "");
            for (String line : answer.bytes().toStringUtf8().lines().toList()) {
                JsonNode json = parsed(line);
                String message = json.path("message").asText().replaceAll("\\p{Cntrl}+", " ").strip();
                said = new Said(said.count() + 1, json.path("data").asLong(-1), message);
            }
            return said;
        }

        static JsonNode parsed(String line) {
            try {
                return FileTrees.JSON.readTree(line);
            } catch (IOException e) {
                return FileTrees.JSON.createObjectNode();
            }
        }
    }
}
