package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.cairn.linux.Processes;
import io.cairn.oci.OciSpec;
import io.cairn.oci.SpecProblem;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands in running containers by the OCI runtime.
 *
 * <p>The runtime makes the command's process the leader of a session and writes its pid file only when the program has been
 * found and is run: no pid file means that the runtime failed, and its exit code says nothing about the command.
 */
record Execs(Backend backend) {
    private static final long PID_FILE_MILLIS_MAX = 2_000;
    private static final long DEATH_MILLIS_MAX = 5_000;
    private static final long FOREVER_MILLIS = TimeUnit.DAYS.toMillis(3650);

    /** One command's files, in a directory of its own below the container's. */
    private record ExecFiles(Path dir, Path process, Path pid, Path log) {
        static ExecFiles of(ContainerFiles files, String execId) {
            Path dir = files.execs().resolve(execId);
            return new ExecFiles(dir, dir.resolve("process.json"), dir.resolve("pid"), dir.resolve("runtime.log"));
        }
    }

    ExecResult exec(ExecSpec spec) throws DriverException {
        ContainerFiles files = backend.layout().container(Layout.checked(spec.containerId()));
        try {
            Container container = running(files, spec);
            var own = ExecFiles.of(files, Layout.checked(spec.id()));
            FileTrees.directory(own.dir());
            FileTrees.write(own.process(), process(files, spec));
            try {
                return run(spec, container, own);
            } finally {
                FileTrees.delete(own.dir());
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
        return process.getOrElseThrow(problem -> Failures.invalid("Cannot run a command in container %s: %s", spec.containerId(), problem.message()));
    }

    private ExecResult run(ExecSpec spec, Container container, ExecFiles own) throws IOException, DriverException {
        OciRuntime runtime = backend.runtimes().ofOrStandard(container.record().handler());
        var command = new Command("Running a command in container " + spec.containerId(),
                runtime.options().prepend(runtime.binary().toString()).appendAll(runtime.loggingTo(own.log())).appendAll(
                        List.of("exec", "--process", own.process().toString(), "--pid-file", own.pid().toString(), spec.containerId())),
                HashMap.empty(), own.dir(), Duration.ofMillis(spec.timeoutMillis() == 0 ? FOREVER_MILLIS : spec.timeoutMillis()), ExecResult.OUTPUT_BYTES_MAX);
        try (OutputPump pump = OutputPump.open(2, ExecResult.OUTPUT_BYTES_MAX, false)) {
            Process process = command.start(pump.writeEnd(0), pump.writeEnd(1));
            pump.start();
            if (!process.waitFor(command.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
                end(container, own);
                pump.finish(0);
                throw Failures.of(Failure.Kind.TIMED_OUT, "command %s in container %s timed out after %d ms",
                        shown(spec), spec.containerId(), spec.timeoutMillis());
            }
            pump.finish(Command.DRAIN_MILLIS);
            var ended = new Command.Ended(process.exitValue(), pump.bytes(0), pump.bytes(1));
            if (Files.notExists(own.pid())) {
                throw Failures.failed("Cannot run command %s in container %s: %s", shown(spec), spec.containerId(), OciRuntime.reason(own.log(), ended));
            }
            return new ExecResult(ended.exitCode(), ended.stdout(), ended.stderr());
        } catch (InterruptedException e) {
            end(container, own);
            throw command.interrupted();
        }
    }

    private static String shown(ExecSpec spec) {
        String text = spec.command().mkString("\"", " ", "\"").replaceAll("\\p{Cntrl}+", " ");
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    void abandon(String containerId, String execId) throws DriverException {
        ContainerFiles files = backend.layout().container(Layout.checked(containerId));
        var own = ExecFiles.of(files, Layout.checked(execId));
        try {
            Option<Container> container = Container.read(files);
            if (Files.exists(own.dir()) && container.isDefined()) {
                end(container.get(), own);
            }
            FileTrees.delete(own.dir());
        } catch (IOException e) {
            throw Failures.io("Cannot end command %s in container %s".formatted(execId, containerId), e);
        }
    }

    /**
     * Kills the command with everything it started, as far as that is of its session or descends from it; and then the runtime's
     * own process, if that did not end with it.
     */
    private void end(Container container, ExecFiles own) throws IOException, DriverException {
        List<ProcessRef> runtime = Strays.withArgument(own.pid().toString());
        Option<Long> pid = awaitPid(own, runtime);
        Cgroups cgroups = container.cgroups();
        if (pid.isDefined()) {
            killFamily(pid.get(), cgroups);
        }
        for (ProcessRef process : runtime) {
            if (!process.awaitEnd(pid.isDefined() ? DEATH_MILLIS_MAX : 0)) {
                process.signal(Processes.SIGKILL);
                process.awaitEnd(DEATH_MILLIS_MAX);
            }
        }
    }

    /** The runtime may be about to run the program: killed before it has written whom it runs, it would leave somebody unknown. */
    private static Option<Long> awaitPid(ExecFiles own, List<ProcessRef> runtime) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PID_FILE_MILLIS_MAX);
        for (ProcessRef process : runtime) {
            while (Files.notExists(own.pid()) && System.nanoTime() - deadline < 0 && !process.awaitEnd(5)) {
                // awaitEnd is the pause.
            }
        }
        return ProcessRef.pidIn(own.pid());
    }

    /**
     * Session and descent, each looked up anew until none is left: what was forked meanwhile belongs to them too. The number of a
     * session is not given again while anybody is in it, and whoever is hit must be in the container's cgroup.
     */
    private static void killFamily(long leader, Cgroups cgroups) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEATH_MILLIS_MAX);
        for (Set<ProcessRef> family = family(leader, cgroups); !family.isEmpty() && System.nanoTime() - deadline < 0; family = family(leader, cgroups)) {
            for (ProcessRef member : family) {
                member.signal(Processes.SIGKILL);
            }
            for (ProcessRef member : family) {
                member.awaitEnd(DEATH_MILLIS_MAX);
            }
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
