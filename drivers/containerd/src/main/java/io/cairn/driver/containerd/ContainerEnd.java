package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.task.Process;
import io.cairn.driver.host.Cgroups;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.cairn.linux.Processes;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Takes away everything of a container that runs: its processes, its task, its shim, its cgroups. */
record ContainerEnd(Backend backend) {
    private static final long DEATH_MILLIS_MAX = 10_000;
    private static final long CGROUP_MILLIS_MAX = 10_000;
    private static final long TASK_MILLIS_MAX = 10_000;
    /** The shim ends by itself when its task is deleted. */
    private static final long SHIM_MILLIS_MAX = 2_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    void end(Container container) throws IOException, DriverException {
        Cgroups cgroups = container.cgroups();
        Option<Process> task = backend.tasks().find(container.id(), Tasks.MAIN);
        killMain(container, task, cgroups);
        if (!cgroups.killAll(CGROUP_MILLIS_MAX)) {
            throw Failures.failed("Container %s was killed, but its processes %s do not end", container.id(), cgroups.processes().mkString(", "));
        }
        deleteTask(container.id(), task);
        Option<ProcessRef> shim = container.started().filter(started -> started.bootId().equals(backend.boot().id()))
                .flatMap(StartRecord::monitor).filter(noted -> isShim(noted.pid(), container.id()));
        // Who has noted it need not look for it among all processes of the host.
        endShims(shim.isDefined() ? shim.toList() : shims(container.id()));
        cgroups.remove();
    }

    /** Of a container whose processes are gone, or an init. */
    void endTask(String id, Option<Process> found) throws IOException, DriverException {
        deleteTask(id, found);
        endShims(shims(id));
    }

    private void deleteTask(String id, Option<Process> found) throws IOException, DriverException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TASK_MILLIS_MAX);
        for (Option<Process> task = found; task.isDefined(); task = backend.tasks().find(id, Tasks.MAIN)) {
            if (isGone(task.get())) {
                delete(id, deadline);
            } else if (System.nanoTime() - deadline >= 0) {
                throw Failures.failed("Container %s was killed, but containerd still says of its task that it is %s", id, task.get().getStatus());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static boolean isGone(Process task) throws IOException {
        return task.getPid() == 0 || ProcessRef.of(task.getPid()).isEmpty();
    }

    /** containerd refuses as long as the shim has not reaped the process. */
    private void delete(String id, long deadline) throws DriverException {
        try {
            backend.tasks().delete(id);
        } catch (DriverException e) {
            if (System.nanoTime() - deadline >= 0) {
                throw e;
            }
        }
    }

    /** Of a process that is alone in its container, and may still run. */
    void endInit(String id, Process task) throws IOException, DriverException {
        backend.tasks().kill(id, Tasks.MAIN, Processes.SIGKILL);
        endTask(id, Option.some(task));
    }

    /** One whose task containerd has forgotten would stay for good. */
    private static void endShims(List<ProcessRef> shims) throws IOException {
        for (ProcessRef shim : shims) {
            if (!shim.awaitEnd(SHIM_MILLIS_MAX)) {
                shim.signal(Processes.SIGKILL);
                shim.awaitEnd(DEATH_MILLIS_MAX);
            }
        }
    }

    private List<ProcessRef> shims(String id) throws IOException {
        List<ProcessRef> found = List.empty();
        for (Processes.Stat stat : Processes.all()) {
            if (!stat.hasEnded() && isShim(stat.pid(), id)) {
                found = found.append(new ProcessRef(stat.pid(), stat.startTicks()));
            }
        }
        return found;
    }

    /** {@code containerd-shim-… -namespace NAMESPACE -id ID -address SOCKET}. */
    private boolean isShim(long pid, String id) {
        List<String> arguments = List.ofAll(Processes.commandLine(pid));
        return follows(arguments, "-id", id) && follows(arguments, "-address", backend.containerd().socket().toString())
                && follows(arguments, "-namespace", backend.containerd().namespace());
    }

    private static boolean follows(List<String> arguments, String option, String value) {
        int at = arguments.indexOf(option);
        return at >= 0 && at + 1 < arguments.size() && arguments.get(at + 1).equals(value);
    }

    private static void killMain(Container container, Option<Process> task, Cgroups cgroups) throws IOException, DriverException {
        Option<ProcessRef> main = container.started().map(StartRecord::process);
        if (main.isEmpty() && task.isDefined()) {
            main = ProcessRef.of(task.get().getPid());
        }
        // What the task says of its pid may be old: the cgroup must tell that it is the container's.
        if (main.isEmpty() || !cgroups.holds(main.get().pid())) {
            return;
        }
        main.get().signal(Processes.SIGKILL);
        cgroups.thaw();
        if (!main.get().awaitEnd(DEATH_MILLIS_MAX)) {
            throw Failures.failed("Process %d of container %s was killed and does not end: look at /proc/%d/stack", main.get().pid(),
                    container.id(), main.get().pid());
        }
    }
}
