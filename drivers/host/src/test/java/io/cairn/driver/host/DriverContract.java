package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.DNSConfig;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.Int64Value;
import io.cairn.proto.cri.LinuxContainerConfig;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.journal.Evidence.Witness;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashSet;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What every driver must do, on a real backend. A driver's own test extends it and says how the driver is opened. */
public abstract class DriverContract extends DriverFixture {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    // ---- sandboxes

    @Test
    void aSandboxIsWholeAfterItsPreparationAndTheSameWhenPreparedAgain() throws Exception {
        SandboxSpec spec = podSpec(n -> n);
        assertThat(driver.probeSandbox(spec.id())).isEqualTo(new SandboxProbe.Absent());
        var ground = driver.prepareSandbox(spec);
        assertThat(ground.networkNamespace()).isNotEmpty();
        assertThat(driver.probeSandbox(spec.id())).isEqualTo(new SandboxProbe.Whole(ground));
        assertThat(driver.prepareSandbox(spec)).isEqualTo(ground);
        assertThat(driver.inventory().sandboxes()).containsExactly(spec.id());
    }

    @Test
    void aReleasedSandboxHoldsNothingOfTheKernelAndReleasingAndRemovingTwiceIsNoError() throws Exception {
        SandboxSpec spec = pod();
        driver.releaseSandbox(spec.id());
        driver.releaseSandbox(spec.id());
        assertThat(host.mounts()).isEmpty();
        assertThat(host.processes()).isEmpty();
        assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Partial.class);
        driver.removeSandbox(spec.id());
        driver.removeSandbox(spec.id());
        assertThat(driver.probeSandbox(spec.id())).isEqualTo(new SandboxProbe.Absent());
    }

    @Test
    void whatWasNeverMadeIsAbsentAndItsRemovalSucceeds() throws Exception {
        String id = random(32);
        assertThat(driver.probeSandbox(id)).isEqualTo(new SandboxProbe.Absent());
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Absent());
        driver.releaseSandbox(id);
        driver.removeSandbox(id);
        driver.removeContainer(id);
        driver.signalContainer(id, 15);
        driver.abandonExec(id, random(32));
        assertThat(driver.inspect(id)).isEmpty();
        assertThatThrownBy(() -> driver.startContainer(id)).isInstanceOfSatisfying(DriverException.class,
                e -> assertThat(e.kind()).isEqualTo(Failure.Kind.NOT_FOUND));
        assertThatThrownBy(() -> exec(id, "true")).isInstanceOfSatisfying(DriverException.class,
                e -> assertThat(e.kind()).isEqualTo(Failure.Kind.NOT_FOUND));
    }

    @Test
    void anIdThatLeavesItsDirectoryIsRefused() {
        for (String id : new String[] {"", ".", "..", "../x", "a/b", "a\nb", "x".repeat(129)}) {
            assertThatThrownBy(() -> driver.removeContainer(id)).isInstanceOf(DriverException.class);
            assertThatThrownBy(() -> driver.removeSandbox(id)).isInstanceOf(DriverException.class);
        }
    }

    @Test
    void containersOfAPodShareNetworkIpcAndHostnameAndNotTheHosts() throws Exception {
        SandboxSpec spec = pod();
        String one = run(spec, shell("echo here > /dev/shm/note; exec sleep 1000"));
        String two = run(spec, shell("exec sleep 1000"));
        for (String kind : sharedNamespaces()) {
            String joined = output(one, "readlink", "/proc/self/ns/" + kind);
            assertThat(output(two, "readlink", "/proc/self/ns/" + kind)).isEqualTo(joined);
            assertThat(Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString()).isNotEqualTo(joined);
        }
        assertThat(output(one, "readlink", "/proc/self/ns/pid")).isNotEqualTo(output(two, "readlink", "/proc/self/ns/pid"));
        Await.until("the note in shared memory", () -> exec(two, "cat", "/dev/shm/note").stdout().toStringUtf8().equals("here\n"));
        for (String id : new String[] {one, two}) {
            assertThat(output(id, "hostname")).isEqualTo("pod-host");
            assertThat(output(id, "cat", "/etc/hostname")).isEqualTo("pod-host");
            assertThat(output(id, "readlink", "/proc/self/ns/uts")).isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/uts")).toString());
        }
    }

    /** What the containers of a pod share that has none of the node's. */
    protected List<String> sharedNamespaces() {
        return List.of("net", "ipc", "uts");
    }

    @Test
    void aPodOnTheNodesNetworkHasNoNetworkNamespaceOfItsOwn() throws Exception {
        SandboxSpec spec = podSpec(n -> n.setNetwork(NamespaceMode.NODE).setIpc(NamespaceMode.NODE));
        assertThat(driver.prepareSandbox(spec).networkNamespace()).isEmpty();
        assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Whole.class);
        String id = run(spec, shell("exec sleep 1000"));
        for (String kind : new String[] {"net", "ipc", "uts"}) {
            assertThat(output(id, "readlink", "/proc/self/ns/" + kind))
                    .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString());
        }
    }

    @Test
    void aContainerSeesTheNameServersOfItsPod() throws Exception {
        SandboxSpec spec = podSpec(n -> n, config -> config.setDnsConfig(DNSConfig.newBuilder()
                .addServers("10.0.0.10").addSearches("a.test").addSearches("b.test").addOptions("ndots:5")));
        driver.prepareSandbox(spec);
        String id = run(spec, shell("exec sleep 1000"));
        assertThat(output(id, "cat", "/etc/resolv.conf")).isEqualTo("search a.test b.test\nnameserver 10.0.0.10\noptions ndots:5");
        SandboxSpec bad = podSpec(n -> n, config ->
                config.setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.10\nnameserver 6.6.6.6")));
        assertThatThrownBy(() -> driver.prepareSandbox(bad)).isInstanceOfSatisfying(DriverException.class,
                e -> assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void containersThatShareProcessesSeeEachOtherBelowAnInitThatReapsOrphans() throws Exception {
        SandboxSpec spec = pod(n -> n.setPid(NamespaceMode.POD));
        driver.prepareSandbox(spec);
        String one = run(spec, shell("exec sleep 1001"));
        String two = run(spec, shell("(sleep 0.05 &) ; exec sleep 1002"));
        assertThat(output(one, "ps", "-o", "pid,args")).contains("sleep 1001", "sleep 1002").contains("1 /init");
        assertThat(output(one, "readlink", "/proc/self/ns/pid")).isEqualTo(output(two, "readlink", "/proc/self/ns/pid"));
        Await.until("the orphan to be reaped", () -> !output(one, "ps", "-o", "stat,args").contains("0.05")
                && !output(one, "ps", "-o", "stat").contains("Z"));
        assertThat(exec(one, "sh", "-c", "kill -KILL 1; kill -TERM 1").exitCode()).isZero();
        assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Whole.class);
    }

    @Test
    void removingAContainerThatSharesProcessesKillsWhatItsMainProcessLeftBehind() throws Exception {
        SandboxSpec spec = pod(n -> n.setPid(NamespaceMode.POD));
        String one = run(spec, shell("exec sleep 1001"));
        String two = run(spec, shell("sleep 1003 & exec sleep 1002"));
        Await.until("the child", () -> output(one, "ps", "-o", "args").contains("sleep 1003"));
        driver.signalContainer(two, 9);
        exited.await(two);
        // What it has left behind may end with it (containerd) or stay until the removal (runc).
        assertThat(output(one, "ps", "-o", "args")).doesNotContain("sleep 1002");
        driver.removeContainer(two);
        assertThat(output(one, "ps", "-o", "args")).contains("sleep 1001").doesNotContain("sleep 1003");
    }

    // ---- containers

    @Test
    void aContainerGoesFromCreatedThroughRunningToExitedAndSaysSo() throws Exception {
        SandboxSpec spec = pod();
        String id = container(spec, shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done"));
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Created());
        assertThat(driver.inventory().containers()).containsExactly(id);
        long before = WallClock.now();
        StartedContainer started = run(id);
        assertThat(started.startedAtNanos()).isBetween(before, WallClock.now());
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Running(started));
        Await.until("its output", () -> log(spec, id).contains("ready"));
        assertThat(exited.has(id)).isFalse();

        long asked = WallClock.now();
        driver.signalContainer(id, 15);
        ExitReport report = exited.await(id);
        assertThat(report.exitCode()).contains(7);
        assertThat(report.oomKilled()).isFalse();
        assertThat(report.notBeforeNanos()).isEqualTo(report.notAfterNanos()).isBetween(asked - SECOND / 2, WallClock.now() + SECOND / 2);
        assertThat(report.evidence().getWitness()).isEqualTo(Witness.EXIT_RECORD);
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Exited(started, report));
        driver.signalContainer(id, 15);
    }

    @Test
    void creatingAndStartingTwiceDoesItOnce() throws Exception {
        Path shared = shared();
        var spec = containerSpec(pod(), withDirectory(shell("echo run >> /shared/runs; exec sleep 1000"), shared));
        var created = driver.createContainer(spec);
        assertThat(driver.createContainer(spec)).isEqualTo(created);
        StartedContainer started = run(spec.id());
        Await.until("the run", () -> Files.exists(shared.resolve("runs")) && Files.size(shared.resolve("runs")) > 0);
        assertThat(driver.startContainer(spec.id())).isEqualTo(started);
        driver.signalContainer(spec.id(), 9);
        exited.await(spec.id());
        assertThat(driver.startContainer(spec.id())).isEqualTo(started);
        assertThat(Files.readAllLines(shared.resolve("runs"))).containsExactly("run");
    }

    @Test
    void exitCodesAndSignalsAreToldAsTheyWere() throws Exception {
        SandboxSpec spec = pod();
        for (int code : new int[] {0, 1, 42, 255}) {
            ExitReport report = exited.await(run(spec, shell("exit " + code)));
            assertThat(report.exitCode()).contains(code);
        }
        String killed = run(spec, shell("exec sleep 1000"));
        driver.signalContainer(killed, 9);
        assertThat(exited.await(killed).exitCode()).contains(137);
    }

    @Test
    void aProgramOfAMomentEndsAfterItBegan() throws Exception {
        SandboxSpec spec = pod();
        for (int i = 0; i < 10; i++) {
            String id = container(spec, c -> c.addCommand("true"));
            StartedContainer started = run(id);
            ExitReport report = exited.await(id);
            assertThat(report.exitCode()).contains(0);
            assertThat(report.notBeforeNanos()).isBetween(started.startedAtNanos(), WallClock.now());
            driver.signalContainer(id, 9);
        }
    }

    @Test
    void aContainerThatTakesTooMuchMemoryIsToldToBeKilledForIt() throws Exception {
        UnaryOperator<ContainerConfig.Builder> limited = c -> shell("exec dd if=/dev/zero of=/dev/null bs=300M count=1").apply(c)
                .setLinux(LinuxContainerConfig.newBuilder()
                .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(32 << 20)));
        ExitReport report = exited.await(run(pod(), limited));
        assertThat(report.oomKilled()).isTrue();
        assertThat(report.exitCode()).contains(137);
    }

    @Test
    void outputIsLoggedInTheFormOfTheCri() throws Exception {
        SandboxSpec spec = pod();
        String id = run(spec, shell("echo one; echo two >&2; echo -n three"));
        exited.await(id);
        String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}(Z|[+-]\\d\\d:\\d\\d)";
        assertThat(log(spec, id)).containsPattern("(?m)^" + time + " stdout F one$").containsPattern("(?m)^" + time + " stderr F two$")
                .containsPattern("(?m)^" + time + " stdout P three$");
    }

    @Test
    void aTerminalIsATerminalAndItsOutputIsLogged() throws Exception {
        SandboxSpec spec = pod();
        String id = run(spec, c -> shell("test -t 0 && test -t 1 && echo on a terminal").apply(c).setTty(true).setStdin(true));
        assertThat(exited.await(id).exitCode()).contains(0);
        assertThat(log(spec, id)).contains(" stdout F on a terminal");
    }

    @Test
    void stdinIsAtItsEndUnlessItIsAskedFor() throws Exception {
        SandboxSpec spec = pod();
        String without = run(spec, c -> c.addCommand("cat"));
        String with = run(spec, c -> c.addCommand("cat").setStdin(true));
        assertThat(exited.await(without).exitCode()).contains(0);
        assertThat(driver.probeContainer(with)).isInstanceOf(ContainerProbe.Running.class);
        driver.signalContainer(with, 9);
        assertThat(exited.await(with).exitCode()).contains(137);
    }

    @Test
    void manyPodsAtOnceDoNotGetInEachOthersWay() throws Exception {
        int count = 8;
        var specs = new ArrayList<ContainerSpec>();
        for (int i = 0; i < count; i++) {
            int code = i;
            specs.add(containerSpec(podSpec(n -> n),
                    shell("echo number " + code + "; while [ ! -e /tmp/go ]; do sleep 0.05; done; exit " + code)));
        }
        try (var scope = Executors.newVirtualThreadPerTaskExecutor()) {
            var lives = new ArrayList<Future<ExitReport>>();
            for (var spec : specs) {
                lives.add(scope.submit(() -> live(spec)));
            }
            for (int i = 0; i < count; i++) {
                assertThat(lives.get(i).get().exitCode()).contains(i);
            }
        }
    }

    private ExitReport live(ContainerSpec spec) throws Exception {
        driver.prepareSandbox(spec.sandbox());
        driver.createContainer(spec);
        run(spec.id());
        assertThat(output(spec.id(), "hostname")).isEqualTo("pod-host");
        exec(spec.id(), "touch", "/tmp/go");
        ExitReport report = exited.await(spec.id());
        assertThat(log(spec.sandbox(), spec.id())).contains("number " + report.exitCode().get() + "\n").hasLineCount(1);
        driver.removeContainer(spec.id());
        driver.releaseSandbox(spec.sandbox().id());
        return report;
    }

    @Test
    void theUserIsResolvedInTheImage() throws Exception {
        var spec = containerSpec(pod(), c -> shell("exec sleep 1000").apply(c)
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(
                LinuxContainerSecurityContext.newBuilder().setRunAsUsername("user").addSupplementalGroups(3000)
                .setRunAsGroup(Int64Value.newBuilder().setValue(1001)))));
        var user = driver.createContainer(spec).user().getLinux();
        assertThat(user.getUid()).isEqualTo(1000);
        assertThat(user.getSupplementalGroupsList()).containsExactly(1001L, 2000L, 3000L);
        run(spec.id());
        assertThat(output(spec.id(), "id")).contains("uid=1000").contains("2000").contains("3000");
    }

    @Test
    void aProgramThatCannotBeRunFailsTheStartWithTheReasonAndCanBeRemoved() throws Exception {
        SandboxSpec spec = pod();
        String missing = container(spec, c -> c.addCommand("/nowhere"));
        assertThatThrownBy(() -> driver.startContainer(missing)).isInstanceOf(DriverException.class)
                .hasMessageContaining("no such file or directory");
        assertThat(driver.probeContainer(missing)).isEqualTo(new ContainerProbe.Created());
        String plain = container(spec, c -> c.addCommand("/bin/plain"));
        assertThatThrownBy(() -> driver.startContainer(plain)).isInstanceOf(DriverException.class)
                .hasMessageContaining("permission denied");
        String unknown = container(spec, c -> c.addCommand("nowhere"));
        assertThatThrownBy(() -> driver.startContainer(unknown)).isInstanceOf(DriverException.class)
                .hasMessageContaining("executable file not found");
        assertThat(programs()).isEmpty();
    }

    @Test
    void aRequestThatContradictsItselfIsRefusedAndLeavesNothing() throws Exception {
        var spec = containerSpec(pod(), c -> c.addCommand("true").setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(
                LinuxContainerSecurityContext.newBuilder().setRunAsUsername("nobody-knows"))));
        assertThatThrownBy(() -> driver.createContainer(spec)).isInstanceOf(DriverException.class).hasMessageContaining("nobody-knows");
        assertThat(driver.probeContainer(spec.id())).isEqualTo(new ContainerProbe.Absent());
    }

    @Test
    void aMissingMountSourceIsMadeADirectory() throws Exception {
        Path source = dir.resolve("made-" + random(4)).resolve("deep");
        String id = run(pod(), withDirectory(shell("touch /shared/file"), source));
        exited.await(id);
        assertThat(source.resolve("file")).exists();
    }

    @Test
    void removingARunningContainerEndsIt() throws Exception {
        SandboxSpec spec = pod();
        String id = run(spec, shell("trap '' TERM; sleep 1001 & sleep 1002 & wait"));
        driver.removeContainer(id);
        driver.removeContainer(id);
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Absent());
        assertThat(programs()).isEmpty();
        assertThat(Files.exists(logs().resolve(spec.id()).resolve(id + ".log"))).isEqualTo(logsOutliveContainers());
    }

    /** Processes of the test but for those that hold pods together. */
    protected List<String> programs() throws Exception {
        return host.processes();
    }

    /** Whether the log of a container is still there when the container is removed: it is the kubelet's to take away. */
    protected boolean logsOutliveContainers() {
        return true;
    }

    @Test
    void inspectionShowsTheProcessAndTheSpec() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        long pid = run(id).pid();
        assertThat(driver.inspect(id).get()).contains("\"pid\":" + pid).contains("\"runtimeSpec\"").contains("FROM=image");
    }

    // ---- commands in containers

    @Test
    void aCommandGivesItsOutputsAndItsExitCode() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        var result = exec(id, "sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.stdout().toStringUtf8()).isEqualTo("out\n");
        assertThat(result.stderr().toStringUtf8()).isEqualTo("err\n");
        assertThat(exec(id, "sh", "-c", "kill -9 $$").exitCode()).isEqualTo(137);
        assertThat(exec(id, "sh", "-c", "exit 255").exitCode()).isEqualTo(255);
    }

    @Test
    void aCommandThatDoesNotExistIsAnErrorAndNotAnExitCode() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        assertThatThrownBy(() -> exec(id, "nowhere")).isInstanceOf(DriverException.class).hasMessageContaining("executable file not found");
        assertThatThrownBy(() -> exec(id)).isInstanceOfSatisfying(DriverException.class, e -> assertThat(e.kind())
                .isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void moreOutputThanAReplyHoldsIsCut() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        var result = exec(id, "sh", "-c", "yes 0123456789 | head -c 20000000");
        assertThat(result.exitCode()).isZero();
        assertThat(result.stdout().size()).isEqualTo(ExecResult.OUTPUT_BYTES_MAX);
    }

    @Test
    void aCommandOutOfTimeIsKilledWithEverythingItStarted() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        var spec = new ExecSpec(random(32), id, Vector.of("sh", "-c", "sleep 1005 & (sleep 1006 &) ; sleep 1007"), 300);
        assertThatThrownBy(() -> driver.exec(spec)).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.TIMED_OUT);
            assertThat(e).hasMessageContaining("timed out after 300 ms").hasMessageContaining("sleep 1007");
        });
        assertThat(output(id, "ps", "-o", "args")).contains("sleep 1000").doesNotContain("sleep 1005", "sleep 1006", "sleep 1007");
    }

    @Test
    void aProcessLeftBehindByACommandKeepsNobodyWaiting() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        long before = System.nanoTime();
        assertThat(output(id, "sh", "-c", "sleep 1008 & echo done")).isEqualTo("done");
        assertThat(System.nanoTime() - before).isLessThan(10 * SECOND);
        assertThat(output(id, "ps", "-o", "args")).contains("sleep 1008");
    }

    @Test
    void anAbandonedCommandIsEnded() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        var spec = new ExecSpec(random(32), id, Vector.of("sh", "-c", "sleep 1009 & sleep 1010"), 0);
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                driver.exec(spec);
            } catch (DriverException ended) {
                // However it ends: its caller is gone.
            }
        });
        Await.until("the command", () -> output(id, "ps", "-o", "args").contains("sleep 1010"));
        driver.abandonExec(id, spec.id());
        assertThat(output(id, "ps", "-o", "args")).doesNotContain("sleep 1009", "sleep 1010");
        driver.abandonExec(id, spec.id());
        assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
    }

    // ---- the daemon goes and comes

    @Test
    void aContainerThatOutlivesTheDaemonIsWatchedOn() throws Exception {
        SandboxSpec spec = pod();
        String id = container(spec, shell("trap 'exit 9' TERM; echo ready; while :; do sleep 0.02; done"));
        StartedContainer started = run(id);
        restart();
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Running(started));
        assertThat(driver.probeSandbox(spec.id())).isInstanceOf(SandboxProbe.Whole.class);
        driver.watch(id, started.pid());
        Await.until("its output", () -> log(spec, id).contains("ready"));
        driver.signalContainer(id, 15);
        assertThat(exited.await(id).exitCode()).contains(9);
    }

    @Test
    void anExitWhileTheDaemonWasAwayIsToldWithItsCodeAndTime() throws Exception {
        Path shared = shared();
        String id = container(pod(), withDirectory(shell("while [ ! -e /shared/go ]; do sleep 0.02; done; exit 5"), shared));
        StartedContainer started = run(id);
        driver.close();
        long asked = WallClock.now();
        Files.createFile(shared.resolve("go"));
        Await.until("the end of the process", () -> ProcessRef.of(started.pid()).isEmpty());
        long gone = WallClock.now();
        start();
        driver.watch(id, started.pid());
        ExitReport report = exited.await(id);
        assertThat(report.exitCode()).contains(5);
        assertThat(report.notBeforeNanos()).isEqualTo(report.notAfterNanos()).isBetween(asked - SECOND / 2, gone + SECOND / 2);
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Exited(started, report));
    }

    @Test
    void aCreatedContainerCanBeStartedByTheNextDaemon() throws Exception {
        String id = container(pod(), shell("exit 4"));
        restart();
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Created());
        run(id);
        assertThat(exited.await(id).exitCode()).contains(4);
    }

    // ---- images

    @Test
    void anImageIsWholeOrNotAndStaysForTheContainersOnIt() throws Exception {
        assertThat(driver.images().isIntact(imageId)).isTrue();
        assertThat(driver.images().isIntact("sha256:" + "0".repeat(64))).isFalse();
        assertThat(driver.images().isIntact("nonsense")).isFalse();
        assertThat(driver.images().canonical("busybox").get()).isEqualTo("docker.io/library/busybox:latest");
        assertThat(driver.images().canonical("No Image").isLeft()).isTrue();
        assertThat(driver.images().usage().usedBytes()).isPositive();
        assertThatThrownBy(() -> driver.images().pull(registry.image("1", "{}").replace(":1", ":2"), Credentials.NONE, PullObserver.NONE))
                .isInstanceOfSatisfying(DriverException.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.NOT_FOUND));

        String signal = registry.image("signal", "{\"StopSignal\":\"SIGUSR1\",\"User\":\"user\",\"Cmd\":[\"/bin/sleep\",\"1000\"]}");
        var pulled = driver.images().pull(signal, Credentials.NONE, PullObserver.NONE);
        assertThat(pulled.stopSignal()).isEqualTo(10);
        assertThat(pulled.user()).isEqualTo("user");
        assertThat(pulled.repoTag()).endsWith("/busybox:signal");
        assertThat(pulled.repoDigest()).contains("/busybox@sha256:");
        driver.images().free(HashSet.of(imageId));
        assertThat(driver.images().isIntact(pulled.id())).as("not on record yet").isTrue();
        driver.images().remove(pulled.id(), HashSet.of(imageId));
        assertThat(driver.images().isIntact(pulled.id())).isFalse();
        driver.images().pull(signal, Credentials.NONE, PullObserver.NONE);
        driver.images().free(HashSet.of(imageId, pulled.id()));
        driver.images().free(HashSet.of(imageId));
        assertThat(driver.images().isIntact(pulled.id())).isFalse();
        assertThat(driver.images().isIntact(imageId)).isTrue();
    }

    @Test
    void theDriverSaysWhatItIs() {
        assertThat(driver.health().ready()).isTrue();
        assertThat(driver.describe()).isNotBlank();
        assertThat(driver.name()).isNotBlank();
        assertThat(Option.of(driver.cgroupDriver())).isNotEmpty();
    }
}
