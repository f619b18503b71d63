package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.checkpoint.Criu;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * The CRIU that OCI runtimes are to use. Those that let one choose it do so in ways of their own; all look for {@code criu} on their PATH.
 *
 * @param directory in which a link by that name is made
 * @param configured none: the one on {@link Command#PATH}
 */
record RuncCriu(Path directory, Option<Path> configured, Duration deadline) {
    /** PATH of an OCI runtime that is to find it. */
    String path() {
        return directory + ":" + Command.PATH;
    }

    /** As {@link Criu#require}; an OCI runtime with that PATH finds it then. */
    void require(String containerId) throws DriverException {
        Option<Path> binary = configured.isDefined() ? configured.filter(Files::isExecutable) : Criu.on(Command.PATH);
        String sought = configured.map(path -> "at " + path + " (drivers.runc.criu)").getOrElse("on " + Command.PATH);
        link(new Criu(binary, sought, "set drivers.runc.criu", deadline).require(containerId));
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
