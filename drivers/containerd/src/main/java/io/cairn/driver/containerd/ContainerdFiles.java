package io.cairn.driver.containerd;

import io.cairn.driver.host.ContainerFiles;
import java.nio.file.Path;

/** One container's files. */
record ContainerdFiles(String id, Path state, Path run) implements ContainerFiles {
    /** What the task service said of its end. */
    Path ended() {
        return state.resolve("ended.json");
    }

    /** The kernel has killed something of it for want of memory, as an event said. */
    Path oom() {
        return state.resolve("oom");
    }

    /** There is more to take away than files: a start was tried in this boot. */
    Path attempt() {
        return run.resolve("attempt");
    }

    /** Processes that come back run at once: from here on they may do so, or have done so. */
    Path restoring() {
        return run.resolve("restoring");
    }

    /** What CRIU is told about processes that come back, and containerd cannot tell it. */
    Path criuOptions() {
        return state.resolve("criu.conf");
    }

    /** containerd has said that it started the program, in this boot: what is alive then is the program. */
    Path letGo() {
        return run.resolve("let-go");
    }

    /** Its end is dealt with: all output is in the log, and the task is deleted. */
    Path settled() {
        return run.resolve("settled");
    }

    /** FIFOs of the main process, and what belongs to them. */
    Path output() {
        return run.resolve("output");
    }

    Path execs() {
        return run.resolve("exec");
    }
}
