package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where this driver keeps what; see the package's description. */
record Layout(Path state, Path run, Path runtimeRoot) {
    /** What the OCI runtimes take for an id, short enough for every path made of it. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

    /** @return the id, safe as the name of a file */
    static String checked(String id) throws DriverException {
        if (!ID.matcher(id).matches()) {
            throw Failures.invalid("Expected an id of 1 to 128 letters, digits, '_', '.' and '-', but it is \"%.200s\"", id);
        }
        return id;
    }

    Path images() {
        return state.resolve("images");
    }

    Path exits() {
        return state.resolve("exits");
    }

    Path alive() {
        return state.resolve("alive");
    }

    Path containers() {
        return state.resolve("containers");
    }

    Path sandboxes() {
        return state.resolve("sandboxes");
    }

    Path sandbox(String id) {
        return sandboxes().resolve(id);
    }

    Path sandboxRuns() {
        return run.resolve("sandboxes");
    }

    Path sandboxRun(String id) {
        return sandboxRuns().resolve(id);
    }

    Path namespaces() {
        return run.resolve("ns");
    }

    Path containerRuns() {
        return run.resolve("containers");
    }

    ContainerFiles container(String id) {
        return new ContainerFiles(id, containers().resolve(id), containerRuns().resolve(id), exits().resolve(id));
    }

    /**
     * One container's files.
     *
     * @param bundle also conmon's working directory
     * @param exit conmon's exit record, beside all others so that one watch sees them all
     */
    record ContainerFiles(String id, Path state, Path bundle, Path exit) {
        Path record() {
            return state.resolve("container.json");
        }

        Path spec() {
            return state.resolve("config.json");
        }

        Path started() {
            return state.resolve("started.json");
        }

        Path vanished() {
            return state.resolve("vanished.json");
        }

        /** conmon writes no exit record when this is missing. */
        Path conmon() {
            return state.resolve("conmon");
        }

        Path rootfs() {
            return bundle.resolve("rootfs");
        }

        Path pidFile() {
            return bundle.resolve("pid");
        }

        Path conmonPidFile() {
            return bundle.resolve("conmon.pid");
        }

        /** There is more to take away than files: a start was tried in this boot. */
        Path attempt() {
            return bundle.resolve("attempt");
        }

        Path runtimeLog() {
            return bundle.resolve("runtime.log");
        }

        Path execs() {
            return bundle.resolve("exec");
        }
    }
}
