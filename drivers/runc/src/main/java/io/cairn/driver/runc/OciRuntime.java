package io.cairn.driver.runc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Command.Ended;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.OciFeatures;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * An OCI runtime (runc, crun, youki …) by its command line, as runc(8) has it and the others follow.
 *
 * @param root where it keeps the state of running containers
 * @param arguments of the configuration, before the verb
 * @param systemdCgroup cgroups are made by systemd
 * @param deadline of each of its commands
 */
record OciRuntime(Path binary, Path root, List<String> arguments, boolean systemdCgroup, Duration deadline) {
    private static final Path DIRECTORY = Path.of("/");
    private static final int OUTPUT_BYTES_MAX = 1 << 20;
    private static final int REASON_CHARS_MAX = 4000;

    /** What stands before the verb. */
    List<String> options() {
        List<String> options = List.of("--root", root.toString());
        return (systemdCgroup ? options.append("--systemd-cgroup") : options).appendAll(arguments);
    }

    List<String> loggingTo(Path log) {
        return List.of("--log", log.toString(), "--log-format", "json");
    }

    /** The runtime holds something by this id, whole or half. */
    boolean knows(String id) {
        return Files.exists(root.resolve(id));
    }

    /** {@code created}, {@code running}, {@code paused} or {@code stopped} (OCI runtime specification, runtime.md, "State"). */
    Option<String> status(String id) throws DriverException {
        if (!knows(id)) {
            return Option.none();
        }
        Ended ended = run("Looking at " + id, List.of("state", id));
        try {
            JsonNode status = FileTrees.JSON.readTree(ended.stdout().toByteArray()).path("status");
            return ended.succeeded() && status.isTextual() ? Option.some(status.textValue()) : Option.none();
        } catch (IOException e) {
            throw Failures.failed("Looking at %s: expected %s state to write JSON, but read: %s", id, binary,
                    Command.clean(ended.stdout()));
        }
    }

    /** {@link OciFeatures#NONE} of a runtime without that verb: what is not known to be there is not promised. */
    OciFeatures features(Answers answers) throws DriverException, IOException {
        Ended ended = answers.to(command("Asking for features", List.of("features")));
        return ended.succeeded() ? OciFeatures.parse(ended.stdout().toByteArray()) : OciFeatures.NONE;
    }

    void start(String id, Path log) throws DriverException {
        Ended ended = run("Starting " + id, loggingTo(log).append("start").append(id));
        if (!ended.succeeded()) {
            throw Failures.failed("Cannot start container %s: %s", id, reason(log, ended));
        }
    }

    /** Creates and starts a container that nobody watches; its input and output are /dev/null. */
    void runDetached(String id, Path bundle, Path pidFile, Path log) throws DriverException {
        Command command = command("Running " + id, loggingTo(log).appendAll(
                List.of("run", "--detach", "--bundle", bundle.toString(), "--pid-file", pidFile.toString(), id)));
        int exitCode = command.runSilently();
        if (exitCode != 0) {
            throw Failures.failed("Cannot run container %s: %s", id, logged(log).getOrElse("exit code " + exitCode));
        }
    }

    /** Kills every process of the container, by its cgroup; one that has stopped is left alone. */
    void killAll(String id) throws DriverException {
        run("Killing " + id, List.of("kill", "--all", id, "KILL"));
    }

    /** Forgets the container and removes its cgroups; kills it when it still runs. */
    void delete(String id) throws DriverException {
        if (!knows(id)) {
            return;
        }
        Ended ended = run("Deleting " + id, List.of("delete", "--force", id));
        if (!ended.succeeded() && knows(id)) {
            throw Failures.failed("Cannot delete container %s: %s delete ended with exit code %d: %s", id, binary, ended.exitCode(),
                    ended.said());
        }
    }

    Ended run(String title, List<String> verb) throws DriverException {
        return command(title, verb).run();
    }

    Command command(String title, List<String> verb) {
        return new Command(title, options().appendAll(verb).prepend(binary.toString()), HashMap.empty(), DIRECTORY, deadline,
                OUTPUT_BYTES_MAX);
    }

    /** Why it failed, in the runtime's own words: what it logged as an error, else what it wrote to stderr. */
    static String reason(Path log, Ended ended) {
        return logged(log).getOrElse(() -> ended.said().isEmpty() ? "exit code " + ended.exitCode() : ended.said());
    }

    /** The last error in a log of JSON lines. */
    static Option<String> logged(Path log) {
        try {
            Option<String> last = Option.none();
            for (String line : FileTrees.read(log).map(b -> new String(b, StandardCharsets.UTF_8)).getOrElse("").split("\n")) {
                last = error(line).orElse(last);
            }
            return last;
        } catch (IOException e) {
            return Option.none();
        }
    }

    private static Option<String> error(String line) {
        try {
            JsonNode entry = FileTrees.JSON.readTree(line);
            boolean error = entry != null && entry.path("level").asText().equals("error");
            return error ? Option.of(entry.path("msg").asText()).filter(m -> !m.isEmpty()).map(OciRuntime::bounded) : Option.none();
        } catch (JsonProcessingException e) {
            return Option.none();
        }
    }

    private static String bounded(String text) {
        String clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return clean.length() <= REASON_CHARS_MAX ? clean : clean.substring(0, REASON_CHARS_MAX) + "…";
    }
}
