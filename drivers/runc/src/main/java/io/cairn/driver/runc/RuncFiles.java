package io.cairn.driver.runc;

import io.cairn.driver.host.ContainerFiles;
import java.nio.file.Path;

/**
 * One container's files.
 *
 * @param run the bundle, also conmon's working directory
 * @param exit conmon's exit record, beside all others so that one watch sees them all
 */
record RuncFiles(String id, Path state, Path run, Path exit) implements ContainerFiles {
    /** conmon writes no exit record when this is missing. */
    Path conmon() {
        return state.resolve("conmon");
    }

    /** The limits that were set last. */
    Path update() {
        return state.resolve("update.json");
    }

    /** What conmon and the OCI runtime are given: the root file system is in it. */
    Path bundle() {
        return run;
    }

    Path pidFile() {
        return run.resolve("pid");
    }

    Path conmonPidFile() {
        return run.resolve("conmon.pid");
    }

    /** There is more to take away than files: a start was tried in this boot. */
    Path attempt() {
        return run.resolve("attempt");
    }

    /** The OCI runtime has said that it started the program, in this boot: what is alive then is the program. */
    Path letGo() {
        return run.resolve("let-go");
    }

    /** conmon's socket for those who attach. */
    Path attachSocket() {
        return run.resolve("attach");
    }

    /** conmon's pipe for orders: {@code 1 ROWS COLUMNS}, or {@code 2 0 0} to reopen the log. */
    Path control() {
        return run.resolve("ctl");
    }

    Path runtimeLog() {
        return run.resolve("runtime.log");
    }

    Path execs() {
        return run.resolve("exec");
    }
}
