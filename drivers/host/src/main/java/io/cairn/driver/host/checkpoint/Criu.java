package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CRIU, which OCI runtimes call to write processes down and to bring them back: the program they would call, and whether it is of use.
 *
 * @param binary none: there is none
 * @param sought where it was looked for; continues "there is none …"
 * @param advice what to do besides installing a package; continues "install the package criu, or …"
 */
public record Criu(Option<Path> binary, String sought, String advice, Duration deadline) {
    /** Clients know the number by these words. */
    private static final String TOO_OLD = "CRIU binary not found or too old (<31600). Failed to checkpoint or restore container \"%s\": ";
    /** The first that can leave namespaces of pods alone. */
    private static final int VERSION_MIN = 31_600;
    private static final Pattern VERSION = Pattern.compile("Version: ([0-9]+)\\.([0-9]+)(?:\\.([0-9]+))?");

    /** The one that a program finds. @param path its PATH */
    public static Option<Path> on(String path) {
        return List.of(path.split(":")).filter(directory -> directory.startsWith("/")).map(directory -> Path.of(directory, "criu"))
                .find(Files::isExecutable);
    }

    /**
     * Makes sure that there is one, and that it can work on this host.
     *
     * @param containerId for whom, for the message
     * @return the program
     * @throws DriverException UNSUPPORTED, with what was tried, what came back and what to do
     */
    public Path require(String containerId) throws DriverException {
        Path program = binary.getOrElseThrow(() -> missing(containerId));
        String told = run(program, "--version").stdout().toStringUtf8();
        Matcher version = VERSION.matcher(told);
        if (!version.find() || number(version) < VERSION_MIN) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, TOO_OLD + "%s --version says \"%.100s\"; install the package criu, or %s", containerId,
                    program, told.strip().replaceAll("\\p{Cntrl}+", " "), advice);
        }
        Command.Ended checked = run(program, "check");
        if (!checked.succeeded()) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "checkpoint/restore support not available. Failed to checkpoint or restore container "
                    + "\"%s\": %s check (%s) ended with exit code %d: %s; this criu does not work on this kernel: install a newer package "
                    + "criu, or %s", containerId, program, version.group(), checked.exitCode(), checked.said(), advice);
        }
        return program;
    }

    /** That there is none. */
    public DriverException missing(String containerId) {
        return Failures.of(Failure.Kind.UNSUPPORTED, TOO_OLD + "there is none %s; install the package criu, or %s", containerId, sought, advice);
    }

    private static int number(Matcher version) {
        return Math.min(99, Integer.parseInt(version.group(1))) * 10_000 + Math.min(99, Integer.parseInt(version.group(2))) * 100;
    }

    private Command.Ended run(Path program, String verb) throws DriverException {
        return new Command("Asking CRIU", List.of(program.toString(), verb), HashMap.empty(), Path.of("/"), deadline, 1 << 14).run();
    }
}
