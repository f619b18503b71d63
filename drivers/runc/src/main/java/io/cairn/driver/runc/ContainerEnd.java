package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Cgroups;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.cairn.linux.Processes;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/** Takes away everything of a container that runs: its processes, its monitor, its cgroups, what the OCI runtime knows of it. */
record ContainerEnd(OciRuntime runtime) {
    private static final long DEATH_MILLIS_MAX = 10_000;
    /** Then the runtime is asked for help. */
    private static final long CGROUP_MILLIS_MAX = 2_000;
    /** conmon has only to write its record. */
    private static final long MONITOR_MILLIS_MAX = 2_000;

    void end(Container container) throws IOException, DriverException {
        RuncFiles files = container.files();
        if (!Files.exists(files.attempt())) {
            return;
        }
        Option<ProcessRef> monitor = monitor(files);
        Cgroups cgroups = container.cgroups();
        killMain(container, cgroups);
        if (!cgroups.killAll(CGROUP_MILLIS_MAX)) {
            // It freezes the cgroup first: what forks faster than it is killed does not outrun that.
            runtime.killAll(files.id());
            if (!cgroups.killAll(DEATH_MILLIS_MAX)) {
                throw Failures.failed("Container %s was killed, but its processes %s do not end", files.id(),
                        cgroups.processes().mkString(", "));
            }
        }
        if (monitor.isDefined() && !monitor.get().awaitEnd(MONITOR_MILLIS_MAX)) {
            monitor.get().signal(Processes.SIGKILL);
            monitor.get().awaitEnd(DEATH_MILLIS_MAX);
        }
        runtime.delete(files.id());
        cgroups.remove();
    }

    /**
     * One that has not come as far as both pid files is killed at once, with the runtime's command that it waits for: what that creates
     * could not be found later.
     */
    private Option<ProcessRef> monitor(RuncFiles files) throws IOException, DriverException {
        var strays = new Strays(runtime.root());
        if (!Files.exists(files.conmonPidFile()) || !Files.exists(files.pidFile())) {
            strays.kill(files.id());
        }
        Option<ProcessRef> monitor = ProcessRef.ofPidFile(files.conmonPidFile());
        return monitor.isDefined() && strays.isMonitor(monitor.get(), files.id()) ? monitor : Option.none();
    }

    private static void killMain(Container container, Cgroups cgroups) throws IOException, DriverException {
        Option<ProcessRef> main = container.started().map(StartRecord::process).orElse(ProcessRef.ofPidFile(container.files().pidFile()));
        // A pid file says nothing of the start time, so the cgroup must tell that it is the container's.
        if (main.isEmpty() || !cgroups.holds(main.get().pid())) {
            return;
        }
        main.get().signal(Processes.SIGKILL);
        if (!main.get().awaitEnd(DEATH_MILLIS_MAX)) {
            throw Failures.failed("Process %d of container %s was killed and does not end: look at /proc/%d/stack",
                    main.get().pid(), container.files().id(), main.get().pid());
        }
    }
}
