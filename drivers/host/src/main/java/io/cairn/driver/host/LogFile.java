package io.cairn.driver.host;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.DriverException;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the output of a container goes. */
public final class LogFile {
    private LogFile() {}

    /** Of a driver that writes it itself. Makes its directory; none when nobody wants the output. */
    static Option<Path> of(ContainerSpec spec) throws IOException, DriverException {
        Option<Path> file = at(spec);
        // The log would be written through it, to wherever a pod that can write to the log directory wants.
        if (file.exists(Files::isSymbolicLink)) {
            throw Failures.invalid("Expected the log %s to be a file or not to be there, but it is a symbolic link", file.get());
        }
        return file;
    }

    /** Where the kubelet looks for it. Makes its directory; none when nobody wants the output. */
    public static Option<Path> at(ContainerSpec spec) throws IOException, DriverException {
        String directory = spec.sandbox().config().getLogDirectory();
        String name = spec.config().getLogPath();
        if (directory.isEmpty() || name.isEmpty()) {
            return Option.none();
        }
        Path dir = Requests.path(directory, "log_directory");
        Path file = dir.resolve(Requests.path(name, "log_path")).normalize();
        if (!dir.isAbsolute() || !file.startsWith(dir.normalize())) {
            throw Failures.invalid("Expected log_directory to be absolute and log_path to lie in it, but they are \"%.300s\" and \"%.300s\"",
                    directory, name);
        }
        Files.createDirectories(file.getParent());
        return Option.some(file);
    }
}
