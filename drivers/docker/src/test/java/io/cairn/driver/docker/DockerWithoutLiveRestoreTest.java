package io.cairn.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.DriverFixture;
import io.cairn.proto.journal.Evidence.Witness;
import io.cairn.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An engine that ends its containers when it ends, or when it is back after it was killed: how they ended is what it has seen. */
class DockerWithoutLiveRestoreTest extends DriverFixture {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    private final TestEngine engine = new TestEngine(false);

    @Override
    protected Driver open(Path directory) throws Exception {
        return engine.open(directory);
    }

    @Test
    void anEngineThatIsStoppedEndsAllAndThePodsAreLost() throws Exception {
        SandboxSpec pod = pod();
        String id = run(pod, shell("trap 'exit 7' TERM; while :; do sleep 0.02; done"));
        engine.stop();
        engine.startAgain();
        assertEnded(pod, id);
    }

    @Test
    void anEngineThatIsKilledEndsAllWhenItIsBack() throws Exception {
        SandboxSpec pod = pod();
        String id = run(pod, shell("trap 'exit 7' TERM; while :; do sleep 0.02; done"));
        engine.kill();
        assertThat(driver.probeContainer(id)).isInstanceOf(ContainerProbe.Running.class);
        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Whole.class);
        engine.startAgain();
        assertEnded(pod, id);
    }

    private void assertEnded(SandboxSpec pod, String id) throws Exception {
        ExitReport report = exited.await(id);
        assertThat(report.exitCode()).contains(7);
        assertThat(report.evidence().getWitness()).isEqualTo(Witness.EXIT_RECORD);
        Await.until("the pod's loss is told", PATIENCE, () -> exited.vanished().contains(pod.id()));
        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Partial.class);
    }
}
