package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.LinuxContainerConfig;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.journal.Evidence.Witness;
import io.cairn.proto.journal.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What every driver must do whose backend is a daemon that may be away, and lets containers live meanwhile. */
public abstract class AwayContract extends DriverFixture {
    protected static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** The daemon below the driver. */
    public interface Daemon {
        Path socket();

        void kill() throws Exception;

        void stop() throws Exception;

        /** Returns when it answers. */
        void startAgain() throws Exception;
    }

    protected abstract Daemon daemon();

    /** Ends with code 5 when the file {@code go} is there. */
    protected UnaryOperator<ContainerConfig.Builder> waiting(Path shared) {
        return withDirectory(shell("echo before; while [ ! -e /shared/go ]; do sleep 0.02; done; echo after; exit 5"), shared);
    }

    protected static void awaitEnd(StartedContainer started) throws Exception {
        Await.until("the end of process " + started.pid(), () -> ProcessRef.of(started.pid()).isEmpty());
    }

    protected static void assertEndedInTime(ExitReport report, long asked, long gone) {
        assertThat(report.exitCode()).contains(5);
        assertThat(report.notBeforeNanos()).isEqualTo(report.notAfterNanos()).isBetween(asked - SECOND / 2, gone + SECOND / 2);
        assertThat(report.evidence().getWitness()).isEqualTo(Witness.EXIT_RECORD);
    }

    private void assertLog(SandboxSpec pod, String id) throws Exception {
        assertThat(log(pod, id)).contains("before");
        assertThat(log(pod, id).contains("after")).isEqualTo(outputWaits());
    }

    /** Whether the daemon below does not know, when it is back, how those have ended that ended without it and without Cairn. */
    protected boolean forgetsWhatEndedWithoutCairn() {
        return false;
    }

    /** Whether what a container writes while the daemon below is away is in its log afterwards, also if it has ended meanwhile. */
    protected boolean outputWaits() {
        return true;
    }

    @Test
    void anExitWhileTheDaemonBelowIsKilledIsToldWithItsCodeAndTimeOnceItIsBack() throws Exception {
        Path shared = shared();
        SandboxSpec pod = pod();
        String id = container(pod, waiting(shared));
        StartedContainer started = run(id);
        daemon().kill();
        long asked = WallClock.now();
        Files.createFile(shared.resolve("go"));
        awaitEnd(started);
        long gone = WallClock.now();
        daemon().startAgain();

        assertEndedInTime(exited.await(id), asked, gone);
        assertLog(pod, id);
        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Whole.class);
    }

    @Test
    void anExitWhileBothAreAwayIsToldWithItsCodeAndTime() throws Exception {
        Path shared = shared();
        SandboxSpec pod = pod();
        String id = container(pod, waiting(shared));
        StartedContainer started = run(id);
        driver.close();
        daemon().kill();
        long asked = WallClock.now();
        Files.createFile(shared.resolve("go"));
        awaitEnd(started);
        long gone = WallClock.now();
        daemon().startAgain();
        start();

        var probe = (ContainerProbe.Exited) driver.probeContainer(id);
        assertThat(probe.started()).isEqualTo(started);
        if (forgetsWhatEndedWithoutCairn()) {
            assertThat(probe.report().exitCode()).isEmpty();
            assertThat(probe.report().notBeforeNanos()).isLessThan(asked);
            assertThat(probe.report().notAfterNanos()).isGreaterThan(gone);
        } else {
            assertEndedInTime(probe.report(), asked, gone);
        }
        assertLog(pod, id);
    }

    @Test
    void anOomWhileCairnIsAwayIsToldAsSuch() throws Exception {
        Path shared = shared();
        UnaryOperator<ContainerConfig.Builder> greedy = c -> withDirectory(shell("while [ ! -e /shared/go ]; do sleep 0.02; done; "
                + "exec dd if=/dev/zero of=/dev/null bs=300M count=1"), shared).apply(c).setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(32 << 20)));
        String id = container(pod(), greedy);
        StartedContainer started = run(id);
        driver.close();
        Files.createFile(shared.resolve("go"));
        awaitEnd(started);
        start();

        var probe = (ContainerProbe.Exited) driver.probeContainer(id);
        assertThat(probe.report().oomKilled()).isTrue();
        assertThat(probe.report().exitCode()).contains(137);
    }

    @Test
    void whileTheDaemonBelowIsAwayCallsNameItsSocketAndWhatRunsIsKnownToRun() throws Exception {
        SandboxSpec pod = pod();
        String id = run(pod, shell("trap 'exit 3' TERM; while :; do sleep 0.02; done"));
        String created = container(pod, shell("exit 4"));
        daemon().kill();

        assertThat(driver.probeContainer(id)).isInstanceOf(ContainerProbe.Running.class);
        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Whole.class);
        assertThat(driver.inspect(id)).isNotEmpty();
        assertThat(driver.health().ready()).isFalse();
        assertThat(driver.health().message()).contains(daemon().socket().toString());
        var failure = catchThrowableOfType(DriverException.class, () -> driver.startContainer(created));
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(failure.getMessage()).contains(daemon().socket().toString());
        assertThat(catchThrowableOfType(DriverException.class, () -> exec(id, "true")).kind()).isEqualTo(Failure.Kind.UNAVAILABLE);

        daemon().startAgain();
        assertThat(driver.health().ready()).isTrue();
        assertThat(output(id, "echo", "well")).isEqualTo("well");
        run(created);
        assertThat(exited.await(created).exitCode()).contains(4);
        driver.signalContainer(id, 15);
        assertThat(exited.await(id).exitCode()).contains(3);
    }

    @Test
    void aDriverThatIsOpenedWhileTheDaemonBelowIsAwayServesOnceItIsBack() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        driver.close();
        daemon().stop();
        start();

        assertThat(driver.probeContainer(id)).isInstanceOf(ContainerProbe.Running.class);
        assertThat(catchThrowableOfType(DriverException.class, () -> driver.inventory()).kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        daemon().startAgain();
        assertThat(driver.inventory().containers()).containsExactly(id);
        assertThat(output(id, "echo", "well")).isEqualTo("well");
    }
}
