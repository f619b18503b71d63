package io.cairn.driver.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.host.AwayContract;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.WallClock;
import io.cairn.linux.Processes;
import io.cairn.proto.journal.Evidence.Witness;
import io.cairn.testkit.ContainerdProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens while containerd, Cairn or both are away, and when a shim is killed. */
class ContainerdAwayTest extends AwayContract {
    private ContainerdProcess containerd;

    @Override
    @BeforeAll
    protected void openDriver(@TempDir Path directory) throws Exception {
        containerd = ContainerdProcess.start(Files.createTempDirectory("cairn-containerd-").resolve("c"));
        super.openDriver(directory);
    }

    @AfterAll
    void stopContainerd() throws Exception {
        Path root = containerd.socket().getParent().getParent();
        containerd.close();
        Files.delete(root);
    }

    @Override
    protected Driver open(Path directory) throws Exception {
        return new ContainerdDriverProvider().open(ContainerdDriverTest.context(directory, containerd.socket()));
    }

    @Override
    protected Daemon daemon() {
        return new Daemon() {
            @Override
            public Path socket() {
                return containerd.socket();
            }

            @Override
            public void kill() throws Exception {
                containerd.kill();
            }

            @Override
            public void stop() throws Exception {
                containerd.stop();
            }

            @Override
            public void startAgain() throws Exception {
                containerd.startAgain();
            }
        };
    }

    /** From 1.7 on a containerd that starts deletes the tasks of shims whose processes are gone, and what they know with them. */
    @Override
    protected boolean forgetsWhatEndedWithoutCairn() {
        Matcher version = Pattern.compile("^containerd v?([0-9]+)\\.([0-9]+)\\.").matcher(driver.describe());
        assertThat(version.find()).as(driver.describe()).isTrue();
        return Integer.parseInt(version.group(1)) * 100 + Integer.parseInt(version.group(2)) >= 107;
    }

    @Test
    void anExitWhileContainerdIsKilledIsToldWithItsCodeAndTimeByItsShim() throws Exception {
        Path shared = shared();
        SandboxSpec pod = pod();
        String id = container(pod, waiting(shared));
        StartedContainer started = run(id);
        containerd.kill();
        long asked = WallClock.now();
        Files.createFile(shared.resolve("go"));
        awaitEnd(started);
        long gone = WallClock.now();
        assertEndedInTime(exited.await(id), asked, gone);
        containerd.startAgain();

        assertThat(log(pod, id)).contains("before").contains("after");
        var probe = (ContainerProbe.Exited) driver.probeContainer(id);
        assertEndedInTime(probe.report(), asked, gone);
        driver.removeContainer(id);
        assertThat(containerd.ctr("cairn", "tasks", "ls", "-q")).doesNotContain(id);
    }

    @Test
    void whatImagesTakeIsToldWhileContainerdIsAwayAsItWasMeasuredLast() throws Exception {
        var usage = driver.images().usage();
        containerd.kill();
        assertThat(driver.images().usage()).isEqualTo(usage);
        containerd.startAgain();
    }

    @Test
    void aKilledShimIsSeenWithinSecondsAndTheEndIsAnInterval() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        StartedContainer started = run(id);
        long shim = containerd.shim(id);
        long asked = WallClock.now();
        Processes.signal(shim, ProcessRef.of(shim).get().startTicks(), Processes.SIGKILL);

        ExitReport report = exited.await(id);
        assertThat(report.exitCode()).isEmpty();
        assertThat(report.evidence().getWitness()).isEqualTo(Witness.PROCESS_TABLE);
        assertThat(report.notBeforeNanos()).isGreaterThanOrEqualTo(started.startedAtNanos());
        assertThat(report.notAfterNanos()).isBetween(asked, WallClock.now());
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Exited(started, report));
    }
}
