package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.cairn.linux.Processes;
import io.cairn.oci.OciSpec;
import io.cairn.oci.SpecProblem;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands in running containers. The OCI runtime makes the command's process the leader of a session, by which it is found
 * with everything it started.
 */
record Execs(Backend backend) {
    private static final long PID_FILE_MILLIS_MAX = 2_000;
    private static final long DEATH_MILLIS_MAX = 5_000;
    private static final long FOREVER_MILLIS = TimeUnit.DAYS.toMillis(3650);

    private Conmon.Execution job(ContainerFiles files, String execId, Option<Container> container) throws DriverException {
        OciRuntime runtime = backend.runtimes().ofOrStandard(container.map(c -> c.record().handler()).getOrElse(""));
        return new Conmon.Execution(files.execs().resolve(Layout.checked(execId)), files.id(), execId, runtime);
    }

    ExecResult exec(ExecSpec spec) throws DriverException {
        ContainerFiles files = backend.layout().container(Layout.checked(spec.containerId()));
        try {
            Container container = running(files, spec);
            Conmon.Execution job = job(files, spec.id(), Option.some(container));
            FileTrees.directory(job.directory());
            FileTrees.write(job.process(), process(files, spec));
            try {
                return run(spec, container, job);
            } finally {
                FileTrees.delete(job.directory());
            }
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container " + spec.containerId(), e);
        }
    }

    private static Container running(ContainerFiles files, ExecSpec spec) throws IOException, DriverException {
        Option<Container> container = Container.read(files);
        if (container.isEmpty()) {
            throw Failures.notFound("There is no container %s to run a command in", spec.containerId());
        }
        if (container.get().started().isEmpty() || !container.get().started().get().process().isAlive()) {
            throw Failures.failed("Cannot run a command in container %s: it does not run", spec.containerId());
        }
        return container.get();
    }

    /** The command gets everything the container's own process has, but its arguments and a terminal. */
    private static byte[] process(ContainerFiles files, ExecSpec spec) throws IOException, DriverException {
        Either<SpecProblem, byte[]> process = OciSpec.parse(FileTrees.read(files.spec()).getOrElse(new byte[0]))
                .flatMap(stored -> io.cairn.oci.ExecSpec.of(stored, spec.command().toList(), false)).map(io.cairn.oci.ExecSpec::toJson);
        return process.getOrElseThrow(problem -> Failures.invalid("Cannot run a command in container %s: %s", spec.containerId(),
                problem.message()));
    }

    private ExecResult run(ExecSpec spec, Container container, Conmon.Execution job) throws IOException, DriverException {
        var limit = Duration.ofMillis(spec.timeoutMillis() == 0 ? FOREVER_MILLIS : spec.timeoutMillis());
        try {
            Conmon.Executed executed = backend.conmon().execute(job, limit, ExecResult.OUTPUT_BYTES_MAX);
            if (executed.exitCode().isEmpty()) {
                end(container, job);
                throw Failures.of(Failure.Kind.TIMED_OUT, "command %s in container %s timed out after %d ms",
                        shown(spec), spec.containerId(), spec.timeoutMillis());
            }
            if (!executed.failure().isEmpty()) {
                throw Failures.failed("Cannot run command %s in container %s: %s", shown(spec), spec.containerId(), executed.failure());
            }
            return new ExecResult(executed.exitCode().get(), executed.output().stdout().bytes(), executed.output().stderr().bytes());
        } catch (InterruptedException e) {
            end(container, job);
            Thread.currentThread().interrupt();
            throw Failures.of(Failure.Kind.UNAVAILABLE, "command %s in container %s was interrupted and killed", shown(spec),
                    spec.containerId());
        }
    }

    private static String shown(ExecSpec spec) {
        String text = spec.command().mkString("\"", " ", "\"").replaceAll("\\p{Cntrl}+", " ");
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    void abandon(String containerId, String execId) throws DriverException {
        ContainerFiles files = backend.layout().container(Layout.checked(containerId));
        try {
            Option<Container> container = Container.read(files);
            Conmon.Execution job = job(files, execId, container);
            if (Files.exists(job.directory()) && container.isDefined()) {
                end(container.get(), job);
            }
            FileTrees.delete(job.directory());
        } catch (IOException e) {
            throw Failures.io("Cannot end command %s in container %s".formatted(execId, containerId), e);
        }
    }

    /**
     * Kills the command with everything it started, as far as that is of its session or descends from it; its monitor ends with it,
     * or is killed.
     */
    private void end(Container container, Conmon.Execution job) throws IOException, DriverException {
        List<ProcessRef> helpers = Strays.withArgument(job.pidFile().toString());
        Option<Long> pid = awaitPid(job, helpers);
        if (pid.isDefined()) {
            killFamily(pid.get(), container.cgroups());
        }
        for (ProcessRef process : helpers) {
            if (!process.awaitEnd(pid.isDefined() ? DEATH_MILLIS_MAX : 0)) {
                process.signal(Processes.SIGKILL);
                process.awaitEnd(DEATH_MILLIS_MAX);
            }
        }
    }

    /** The runtime may be about to run the program: killed before it has written whom it runs, it would leave somebody unknown. */
    private static Option<Long> awaitPid(Conmon.Execution job, List<ProcessRef> helpers) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PID_FILE_MILLIS_MAX);
        for (ProcessRef process : helpers) {
            while (Files.notExists(job.pidFile()) && System.nanoTime() - deadline < 0 && !process.awaitEnd(5)) {
                // awaitEnd is the pause.
            }
        }
        return ProcessRef.pidIn(job.pidFile());
    }

    /**
     * Session and descent, each looked up anew until none is left: what was forked meanwhile belongs to them too. The number of a
     * session is not given again while anybody is in it, and whoever is hit must be in the container's cgroup.
     */
    private static void killFamily(long leader, Cgroups cgroups) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEATH_MILLIS_MAX);
        Set<ProcessRef> family = family(leader, cgroups);
        while (!family.isEmpty() && System.nanoTime() - deadline < 0) {
            for (ProcessRef member : family) {
                member.signal(Processes.SIGKILL);
            }
            for (ProcessRef member : family) {
                member.awaitEnd(DEATH_MILLIS_MAX);
            }
            family = family(leader, cgroups);
        }
    }

    private static Set<ProcessRef> family(long leader, Cgroups cgroups) throws IOException {
        List<Processes.Stat> all = List.ofAll(Processes.all()).filter(s -> !s.hasEnded());
        Set<Long> pids = HashSet.ofAll(all.filter(s -> s.session() == leader).map(Processes.Stat::pid));
        for (int before = -1; before != pids.size(); ) {
            before = pids.size();
            Set<Long> parents = pids;
            pids = pids.addAll(all.filter(s -> parents.contains(s.parent())).map(Processes.Stat::pid));
        }
        Set<Long> found = pids;
        Set<ProcessRef> members = HashSet.empty();
        for (Processes.Stat stat : all.filter(s -> found.contains(s.pid()))) {
            if (cgroups.holds(stat.pid())) {
                members = members.add(new ProcessRef(stat.pid(), stat.startTicks()));
            }
        }
        return members;
    }
}
