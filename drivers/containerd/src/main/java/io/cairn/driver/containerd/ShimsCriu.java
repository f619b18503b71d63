package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.checkpoint.Criu;
import io.cairn.driver.host.checkpoint.CriuLog;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The CRIU that runc finds under containerd: on the PATH that a shim has from the containerd that started it. It cannot be set from here;
 * whether there is one is seen in the environment of those processes.
 */
record ShimsCriu(Connection containerd, Duration deadline) {
    private static final String VARIABLE = "PATH=";
    private static final String ADVICE = "put the directory of one on the PATH that containerd is started with";

    /**
     * Makes sure that there is one that works, as far as that can be told from here; else runc says it.
     *
     * @param shim of the container; none where it has none yet: a new one has its PATH from containerd
     * @throws DriverException as {@link Criu#require}
     */
    void require(String containerId, Option<ProcessRef> shim) throws DriverException {
        Option<Long> process = shim.map(ProcessRef::pid).orElse(containerd.server());
        for (String path : process.flatMap(ShimsCriu::path)) {
            new Criu(Criu.on(path), "on the PATH of %s, process %d (%s)".formatted(shim.isDefined() ? "its containerd shim" : "containerd",
                    process.get(), path), shim.isDefined() ? ADVICE + ", and make the container anew" : ADVICE, deadline).require(containerId);
        }
    }

    /** Of a process that sees the files that we see; none where nobody can tell. */
    private static Option<String> path(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            Path mounts = Path.of("ns", "mnt");
            if (!Files.readSymbolicLink(process.resolve(mounts)).equals(Files.readSymbolicLink(Path.of("/proc/self").resolve(mounts)))) {
                return Option.none();
            }
            return FileTrees.read(process.resolve("environ")).map(bytes -> List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"))
                    .find(variable -> variable.startsWith(VARIABLE)).map(variable -> variable.substring(VARIABLE.length())).getOrElse(""));
        } catch (IOException e) {
            return Option.none();
        }
    }

    /**
     * Says of a failure what containerd leaves out.
     *
     * @param log of CRIU
     */
    DriverException explain(DriverException failure, String containerId, Path log) {
        if (failure.getMessage().contains("\"criu\": executable file not found")) {
            return new Criu(Option.none(), "that containerd's runc could find", ADVICE, deadline).missing(containerId);
        }
        // The log that it names goes with the rest, or is quoted here.
        String said = failure.getMessage().replaceAll("\\s*(log file:|path=) \\S+", "");
        return new DriverException(failure.kind(), said + CriuLog.errors(log), failure);
    }
}
