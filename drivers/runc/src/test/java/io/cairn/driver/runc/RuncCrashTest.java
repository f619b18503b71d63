package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.host.Await;
import io.cairn.driver.host.DriverFixture;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.WallClock;
import io.cairn.linux.Mounts;
import io.cairn.linux.Processes;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.journal.Evidence.Witness;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told and what is left after a crash between any two steps: of the daemon, of conmon, of the host. */
class RuncCrashTest extends DriverFixture {
    private static final int SIGSTOP = 19;
    private static final int SIGCONT = 18;

    @Override
    protected Driver open(Path directory) throws Exception {
        return new RuncDriverProvider().open(RuncDriverTest.context(directory));
    }

    private Backend backend() {
        return ((RuncDriver) driver).backend;
    }

    private RuncFiles files(String id) {
        return backend().layout().container(id);
    }

    private StartRecord started(String id) throws Exception {
        return StartRecord.read(files(id).started()).get();
    }

    // ---- conmon

    @Test
    void withoutItsMonitorAContainerGoesOnAndItsEndIsAnInterval() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        StartedContainer started = run(id);
        ProcessRef conmon = started(id).monitor().get();
        conmon.signal(Processes.SIGKILL);
        assertThat(conmon.awaitEnd(10_000)).isTrue();
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Running(started));
        long killed = WallClock.now();
        driver.signalContainer(id, 9);

        ExitReport report = exited.await(id);
        assertThat(report.exitCode()).isEmpty();
        assertThat(report.evidence().getWitness()).isEqualTo(Witness.PROCESS_TABLE);
        assertThat(report.notBeforeNanos()).isBetween(started.startedAtNanos(), WallClock.now());
        assertThat(report.notAfterNanos()).isBetween(killed, WallClock.now());
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Exited(started, report));
    }

    @Test
    void monitorAndContainerKilledWhileTheDaemonWasAwayEndBetweenTheLastLookAndTheNext() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        StartedContainer started = run(id);
        Path alive = backend().layout().alive();
        Await.until("a look at the container", () -> Files.exists(alive) && Files.readString(alive).contains(id)
                && WallClock.modified(alive) > started.startedAtNanos());
        StartRecord record = started(id);
        driver.close();
        long looked = WallClock.modified(alive);
        record.monitor().get().signal(Processes.SIGKILL);
        record.process().signal(Processes.SIGKILL);
        assertThat(record.process().awaitEnd(10_000)).isTrue();
        start();
        driver.watch(id, started.pid());

        ExitReport report = exited.await(id);
        assertThat(report.exitCode()).isEmpty();
        assertThat(report.notBeforeNanos()).isEqualTo(looked).isGreaterThan(started.startedAtNanos());
        assertThat(report.notAfterNanos()).isGreaterThan(looked);
        restart();
        assertThat(driver.probeContainer(id)).as("the same for ever").isEqualTo(new ContainerProbe.Exited(started, report));
    }

    @Test
    void aMonitorThatIsSlowIsWaitedFor() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        run(id);
        StartRecord record = started(id);
        record.monitor().get().signal(SIGSTOP);
        driver.signalContainer(id, 9);
        assertThat(record.process().awaitEnd(10_000)).isTrue();
        Await.until("a look that finds it dead", () -> !Files.readString(backend().layout().alive()).contains(id));
        record.monitor().get().signal(SIGCONT);
        ExitReport report = exited.await(id);
        assertThat(report.evidence().getWitness()).isEqualTo(Witness.EXIT_RECORD);
        assertThat(report.exitCode()).contains(137);
    }

    @Test
    void aMonitorThatNeverAnswersDoesNotHoldUpTheRemoval() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        started(id).monitor().get().signal(SIGSTOP);
        driver.removeContainer(id);
        assertThat(host.processes()).isEmpty();
    }

    @Test
    void anEmptyExitRecordSaysNothing() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        StartedContainer started = run(id);
        StartRecord record = started(id);
        record.monitor().get().signal(Processes.SIGKILL);
        driver.signalContainer(id, 9);
        assertThat(record.process().awaitEnd(10_000)).isTrue();
        for (String nothing : List.of("", "-1", "256", "x", "99999999999")) {
            Files.writeString(files(id).exit(), nothing);
            assertThat(driver.probeContainer(id)).isInstanceOfSatisfying(ContainerProbe.Exited.class, exit -> {
                assertThat(exit.started()).isEqualTo(started);
                assertThat(exit.report().exitCode()).isEmpty();
            });
        }
    }

    @Test
    void anExitRecordWithoutItsContainerIsAnOrphanAndOneInTheMakingIsNot() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        Path exits = backend().layout().exits();
        Files.createFile(exits.resolve(id + ".A1B2C3"));
        Files.createFile(exits.resolve("gone"));
        Files.createFile(exits.resolve("gone.A1B2C3"));
        assertThat(driver.inventory().containers()).containsExactlyInAnyOrder(id, "gone", "gone.A1B2C3");
        driver.removeContainer("gone");
        driver.removeContainer("gone.A1B2C3");
        assertThat(driver.inventory().containers()).containsExactly(id);
        Files.delete(exits.resolve(id + ".A1B2C3"));
    }

    // ---- the daemon, while it starts a container

    @Test
    void aCrashBeforeTheNoteLeavesAContainerThatHasNotStarted() throws Exception {
        Path shared = shared();
        String id = container(pod(), withDirectory(shell("echo run >> /shared/runs; exit 6"), shared));
        createProcess(id);
        restart();
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Created());
        run(id);
        assertThat(exited.await(id).exitCode()).contains(6);
        assertThat(Files.readAllLines(shared.resolve("runs"))).containsExactly("run");
    }

    @Test
    void aCrashAfterTheNoteButBeforeTheProgramLeavesAContainerThatHasNotStarted() throws Exception {
        Path shared = shared();
        String id = container(pod(), withDirectory(shell("echo run >> /shared/runs; exit 6"), shared));
        note(id, createProcess(id));
        restart();
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Created());
        run(id);
        assertThat(exited.await(id).exitCode()).contains(6);
        assertThat(Files.readAllLines(shared.resolve("runs"))).containsExactly("run");
    }

    @Test
    void aCrashAfterTheProgramButBeforeItWasNotedIsMadeGoodByTheNextLook() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        StartedContainer started = run(id);
        Files.delete(files(id).letGo());
        restart();
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Running(started));
        assertThat(files(id).letGo()).exists();
    }

    @Test
    void aHalfStartedContainerCanBeRemoved() throws Exception {
        SandboxSpec pod = pod();
        String before = container(pod, shell("exit 6"));
        createProcess(before);
        String after = container(pod, shell("exit 6"));
        note(after, createProcess(after));
        String mounted = container(pod, shell("exit 6"));
        Files.createFile(files(mounted).attempt());
        restart();
        for (String id : List.of(before, after, mounted)) {
            driver.removeContainer(id);
        }
        assertThat(host.processes()).isEmpty();
        assertThat(host.cgroups()).isEmpty();
    }

    @Test
    void aStartThatTheDeadDaemonBeganIsSeenToItsEnd() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        StartRecord record = note(id, createProcess(id));
        OciRuntime runtime = backend().runtimes().standard();
        restart();
        // What the dead daemon's "runc start" looks like, slowed down: the shell's arguments are those of runc.
        Process stray = new ProcessBuilder("/bin/sh", "-c",
                "sleep 0.1; exec %s --root %s start %s".formatted(runtime.binary(), runtime.root(), id),
                "runc", "--root", runtime.root().toString(), "start", id).start();
        // Java goes on before the kernel shows its arguments.
        Await.until("it is on its way", () -> !stray.isAlive() || Processes.commandLine(stray.pid()).contains(id));
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Running(record.toAnswer()));
        assertThat(stray.waitFor()).isZero();
    }

    /** As {@link ContainerStart} does it, up to the process that waits. */
    private long createProcess(String id) throws Exception {
        RuncFiles files = files(id);
        Container container = Container.read(files).get();
        Files.createSymbolicLink(files.bundle().resolve("config.json"), files.spec());
        Files.createDirectories(files.conmon());
        Files.createFile(files.attempt());
        return backend().conmon().create(new Conmon.Creation(files, backend().runtimes().standard(), container.record().log(), false,
                false, false));
    }

    private StartRecord note(String id, long pid) throws Exception {
        var record = new StartRecord(backend().boot().id(), ProcessRef.of(pid).get(), WallClock.now(),
                ProcessRef.ofPidFile(files(id).conmonPidFile()));
        FileTrees.writeDurably(files(id).started(), record.toJson());
        return record;
    }

    // ---- the daemon, elsewhere

    @Test
    void aCreationThatWasCutShortIsMadeAnewOrTakenAway() throws Exception {
        SandboxSpec pod = pod();
        var spec = containerSpec(pod, shell("exit 6"));
        driver.createContainer(spec);
        Files.delete(files(spec.id()).record());
        restart();
        assertThat(driver.probeContainer(spec.id())).isInstanceOf(ContainerProbe.Partial.class);
        assertThatThrownBy(() -> driver.startContainer(spec.id())).isInstanceOf(DriverException.class);
        driver.createContainer(spec);
        run(spec.id());
        assertThat(exited.await(spec.id()).exitCode()).contains(6);

        var other = containerSpec(pod, shell("exit 6"));
        driver.createContainer(other);
        FileTrees.delete(files(other.id()).state());
        assertThat(driver.inventory().containers()).contains(other.id());
        driver.removeContainer(other.id());
        assertThat(driver.probeContainer(other.id())).isEqualTo(new ContainerProbe.Absent());
    }

    @Test
    void aSandboxThatLacksSomethingIsPartialAndPreparingItAgainMakesItWhole() throws Exception {
        SandboxSpec spec = pod(n -> n.setPid(NamespaceMode.POD));
        RuncLayout layout = backend().layout();
        for (Path mount : List.of(layout.namespaces().resolve(spec.id()).resolve("net"), layout.namespaces().resolve(spec.id())
                .resolve("ipc"),
                layout.namespaces().resolve(spec.id()).resolve("uts"), layout.sandboxRun(spec.id()).resolve("shm"))) {
            assertThat(Mounts.unmount(mount)).isTrue();
            assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Partial.class);
            driver.prepareSandbox(spec);
            assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Whole.class);
        }
        long init = ProcessRef.pidIn(layout.sandboxRun(spec.id()).resolve("init").resolve("pid")).get();
        ProcessRef.of(init).get().signal(Processes.SIGKILL);
        Await.until("the end of the init", () -> driver.probeSandbox(spec.id()) instanceof SandboxProbe.Partial);
        driver.prepareSandbox(spec);
        assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Whole.class);
        Files.delete(layout.sandbox(spec.id()).resolve("sandbox.json"));
        assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Partial.class);
    }

    @Test
    void aCommandOfADeadDaemonIsEnded() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        var spec = new ExecSpec(random(32), id, Vector.of("sh", "-c", "sleep 1011 & sleep 1012"), 0);
        Driver dead = driver;
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                dead.exec(spec);
            } catch (DriverException ended) {
                // However it ends: its caller is gone.
            }
        });
        Await.until("the command", () -> output(id, "ps", "-o", "args").contains("sleep 1012"));
        restart();
        driver.abandonExec(id, spec.id());
        assertThat(output(id, "ps", "-o", "args")).doesNotContain("sleep 1011", "sleep 1012");
        assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
    }

    // ---- the host

    @Test
    void afterARebootWhatRanHasEndedBetweenTheLastLookAndTheBoot() throws Exception {
        SandboxSpec pod = pod(n -> n.setPid(NamespaceMode.POD));
        String ran = container(pod, shell("exec sleep 1000"));
        StartedContainer started = run(ran);
        String ended = run(pod, shell("exit 3"));
        ExitReport recorded = exited.await(ended);
        String created = container(pod, shell("exit 4"));
        reboot(ran, ended);

        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Partial.class);
        assertThat(driver.probeContainer(ended)).isInstanceOfSatisfying(ContainerProbe.Exited.class, exit ->
                assertThat(exit.report().exitCode()).isEqualTo(recorded.exitCode()));
        assertThat(driver.probeContainer(ran)).isInstanceOfSatisfying(ContainerProbe.Exited.class, exit -> {
            assertThat(exit.started()).isEqualTo(started);
            assertThat(exit.report().exitCode()).isEmpty();
            assertThat(exit.report().evidence().getWitness()).isEqualTo(Witness.BOOT);
            assertThat(exit.report().notBeforeNanos()).isBetween(started.startedAtNanos(), exit.report().notAfterNanos());
        });
        assertThat(driver.probeContainer(created)).isEqualTo(new ContainerProbe.Created());
        driver.signalContainer(ran, 9);
        driver.prepareSandbox(pod);
        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Whole.class);
    }

    /** Processes, mounts and the run directory go; the boot id in the notes is not this boot's any more. */
    private void reboot(String... startedContainers) throws Exception {
        RuncLayout layout = backend().layout();
        driver.close();
        for (String id : startedContainers) {
            Path note = layout.container(id).started();
            ObjectNode json = FileTrees.readObject(note).get();
            FileTrees.writeDurably(note, json.put("boot_id", "00000000-0000-0000-0000-000000000000"));
        }
        Set<String> exits = FileTrees.names(layout.exits());
        for (String id : startedContainers) {
            // conmon dies with the host: first, so that it records nothing.
            StartRecord.read(layout.container(id).started()).get().monitor().get().signal(Processes.SIGKILL);
        }
        host.clean();
        assertThat(FileTrees.names(layout.exits())).isEqualTo(exits);
        FileTrees.delete(layout.run());
        start();
    }

    // ---- runtimes

    @Test
    void aStartThatFailsIsUndone() throws Exception {
        String id = container(pod(), shell("exit 6"));
        Path bundle = files(id).bundle();
        Path broken = wrapper("case \" $* \" in *\" start \"*) exit 9;; esac");
        var runtimes = new Runtimes(new OciRuntime(broken, backend().runtimes().standard().root(), io.vavr.collection.List.empty(), false,
                Duration.ofSeconds(20)),
                io.vavr.collection.HashMap.empty(), io.vavr.collection.HashMap.empty());
        Backend own = backend();
        var failing = new Backend(own.layout(), own.boot(), runtimes, own.conmon(), own.roots(), own.exits(), own.node(), own.criu(),
                own.poller());
        assertThatThrownBy(() -> new ContainerStart(failing).start(id)).isInstanceOf(DriverException.class)
                .hasMessageContaining("exit code 9");
        assertThat(host.processes()).isEmpty();
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Created());
        assertThat(Files.exists(bundle.resolve("conmon.pid"))).isFalse();
        run(id);
        assertThat(exited.await(id).exitCode()).contains(6);
    }

    @Test
    void aRuntimeThatDoesNotWorkIsRefusedWithItsReason() throws Exception {
        Backend own = backend();
        var choice = new RuntimeChoice(own.layout(), own.boot(), Answers.read(own.layout().run(), own.boot()), false, own.node().facts().architecture(), Duration.ofSeconds(20));
        Path lazy = wrapper("case \" $* \" in *\" run \"*) echo 'no such luck' >&2; exit 1;; esac");
        assertThatThrownBy(() -> choice.choose(Option.some(lazy))).isInstanceOf(DriverException.class)
                .hasMessageContaining(lazy.toString());
        assertThatThrownBy(() -> choice.choose(Option.some(Path.of("/nowhere/runc")))).isInstanceOf(DriverException.class)
                .hasMessageContaining("/nowhere/runc");
        assertThat(choice.choose(Option.none()).version()).isNotBlank();
        assertThat(FileTrees.names(own.runtimes().standard().root())).noneMatch(name -> name.startsWith(RuntimeChoice.ID_PREFIX));
    }

    /** Cgroups are the host's: were two checks to share one, the end of the one would take it from under the start of the other. */
    @Test
    void everyTryOfTheRuntimeHasACgroupOfItsOwn() throws Exception {
        Path seen = dir.resolve("cgroups");
        Path telling = wrapper("case \" $* \" in *\" run \"*) grep -ho '\"cgroupsPath\" *: *\"[^\"]*' "
                + "%s/node-*/state/runtime-check/config.json >> %s;; esac".formatted(dir, seen));
        for (String name : List.of("node-1", "node-2")) {
            RuncLayout layout = nodeLayout(Files.createDirectory(dir.resolve(name)));
            new RuntimeChoice(layout, backend().boot(), Answers.read(layout.run(), backend().boot()), false,
                    backend().node().facts().architecture(), Duration.ofSeconds(20)).choose(Option.some(telling));
        }
        assertThat(Files.readAllLines(seen)).hasSize(2).doesNotHaveDuplicates().allMatch(line -> line.contains(RuntimeChoice.ID_PREFIX));
    }

    private static RuncLayout nodeLayout(Path node) throws Exception {
        return new RuncLayout(Files.createDirectory(node.resolve("state")), Files.createDirectory(node.resolve("run")),
                Files.createDirectory(node.resolve("runtime")));
    }

    /** The host's runtime, after some words of a shell. */
    private Path wrapper(String before) throws Exception {
        Path script = dir.resolve("runtime-" + random(4));
        Files.writeString(script, "#!/bin/sh\n%s\nexec %s \"$@\"\n".formatted(before, backend().runtimes().standard().binary()));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }
}
