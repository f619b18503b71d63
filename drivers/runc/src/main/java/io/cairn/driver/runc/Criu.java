package io.cairn.driver.runc;

import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CRIU, which the OCI runtimes call to write processes down and to bring them back. Those that let one choose it do so in ways of their
 * own; all look for {@code criu} on their PATH.
 *
 * @param directory in which a link by that name is made
 * @param configured none: the one on {@link Command#PATH}
 * @param restoresImages also what images hold is brought back, which anybody who can push one may have made
 */
record Criu(Path directory, Option<Path> configured, boolean restoresImages, Duration deadline) {
    /** The first that can leave namespaces of pods alone; clients know the number by these words. */
    private static final String TOO_OLD = "CRIU binary not found or too old (<31600). Failed to checkpoint or restore container \"%s\": ";
    private static final int VERSION_MIN = 31_600;
    private static final Pattern VERSION = Pattern.compile("Version: ([0-9]+)\\.([0-9]+)(?:\\.([0-9]+))?");
    private static final String ADVICE = "install the package criu, or set drivers.runc.criu";

    /** PATH of an OCI runtime that is to find it. */
    String path() {
        return directory + ":" + Command.PATH;
    }

    /**
     * Makes sure that there is one, and that it can work on this host.
     *
     * @param containerId for whom, for the message
     * @throws DriverException UNSUPPORTED, with what was tried, what came back and what to do
     */
    void require(String containerId) throws DriverException {
        Path binary = find().getOrElseThrow(() -> Failures.of(Failure.Kind.UNSUPPORTED, TOO_OLD + "there is none %s; %s", containerId,
                configured.map(path -> "at " + path + " (drivers.runc.criu)").getOrElse("on " + Command.PATH), ADVICE));
        String told = run(binary, "--version").stdout().toStringUtf8();
        Matcher version = VERSION.matcher(told);
        if (!version.find() || number(version) < VERSION_MIN) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, TOO_OLD + "%s --version says \"%.100s\"; %s", containerId, binary,
                    told.strip().replaceAll("\\p{Cntrl}+", " "), ADVICE);
        }
        Command.Ended checked = run(binary, "check");
        if (!checked.succeeded()) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "checkpoint/restore support not available. Failed to checkpoint or restore container "
                    + "\"%s\": %s check (%s) ended with exit code %d: %s; this criu does not work on this kernel: install a newer package "
                    + "criu, or set drivers.runc.criu", containerId, binary, version.group(), checked.exitCode(), checked.said());
        }
        link(binary);
    }

    private Option<Path> find() {
        return configured.map(List::of).getOrElse(List.of(Command.PATH.split(":")).map(dir -> Path.of(dir, "criu"))).find(Files::isExecutable);
    }

    private static int number(Matcher version) {
        return Math.min(99, Integer.parseInt(version.group(1))) * 10_000 + Math.min(99, Integer.parseInt(version.group(2))) * 100;
    }

    private Command.Ended run(Path binary, String verb) throws DriverException {
        return new Command("Asking CRIU", List.of(binary.toString(), verb), HashMap.empty(), Path.of("/"), deadline, 1 << 14).run();
    }

    private void link(Path binary) throws DriverException {
        try {
            FileTrees.directory(directory);
            Path fresh = directory.resolve("criu.new");
            Files.deleteIfExists(fresh);
            Files.createSymbolicLink(fresh, binary);
            Files.move(fresh, directory.resolve("criu"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw Failures.io("Cannot make " + directory.resolve("criu"), e);
        }
    }
}
