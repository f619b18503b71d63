package io.cairn.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.host.AwayContract;
import io.cairn.driver.host.WallClock;
import io.cairn.proto.journal.Evidence.Witness;
import io.cairn.proto.journal.Failure;
import io.cairn.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens while an engine that lets containers live, Cairn or both are away, and when what runs goes down with them. */
class DockerAwayTest extends AwayContract {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    private final TestEngine engine = new TestEngine(true);

    @Override
    protected Driver open(Path directory) throws Exception {
        return engine.open(directory);
    }

    @Override
    protected Daemon daemon() {
        return engine;
    }

    /** It is in pipes that nobody reads any more once the container has ended. */
    @Override
    protected boolean outputWaits() {
        return false;
    }

    @Override
    protected String log(SandboxSpec pod, String container) throws Exception {
        return JsonLog.asCri(logs().resolve(pod.id()).resolve(container + ".log"));
    }

    @Test
    void aPodThatIsWantedWhileTheEngineIsAwayIsRefusedAndLeavesNothingInTheEngine() throws Exception {
        SandboxSpec pod = podSpec(n -> n);
        engine.stop();
        assertThat(catchThrowableOfType(DriverException.class, () -> driver.prepareSandbox(pod)).kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(catchThrowableOfType(DriverException.class, () -> driver.releaseSandbox(pod.id())).kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        engine.startAgain();
        assertThat(driver.prepareSandbox(pod).networkNamespace()).isNotEmpty();
    }

    @Test
    void whatWentDownWithTheEngineEndedInAnIntervalWhateverCodeItMakesUp() throws Exception {
        SandboxSpec pod = pod();
        String id = container(pod, shell("exec sleep 1000"));
        StartedContainer started = run(id);
        long asked = WallClock.now();
        engine.docker().cutPower();
        engine.docker().containerd().startAgain();
        engine.startAgain();

        ExitReport report = exited.await(id);
        assertThat(engine.docker().get("/containers/%s/json".formatted(id)).path("State").path("ExitCode").asInt()).isEqualTo(255);
        assertThat(report.exitCode()).isEmpty();
        assertThat(report.evidence().getWitness()).isEqualTo(Witness.PROCESS_TABLE);
        assertThat(report.notBeforeNanos()).isGreaterThanOrEqualTo(started.startedAtNanos());
        assertThat(report.notAfterNanos()).isBetween(asked, WallClock.now());
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Exited(started, report));
        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Partial.class);
        Await.until("the pod's loss is told", PATIENCE, () -> exited.vanished().contains(pod.id()));
    }

    @Test
    void aContainerThatWasTakenAwayByHandHasEndedInAnInterval() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        StartedContainer started = run(id);
        long asked = WallClock.now();
        engine.docker().delete("/containers/%s?force=1".formatted(id));

        ExitReport report = exited.await(id);
        assertThat(report.exitCode().getOrElse(137)).isEqualTo(137);
        assertThat(report.notBeforeNanos()).isGreaterThanOrEqualTo(started.startedAtNanos());
        assertThat(report.notAfterNanos()).isBetween(asked, WallClock.now());
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Exited(started, report));
    }

    @Test
    void whatPeopleRunByHandIsNeitherListedNorTouchedWhateverItIsCalled() throws Exception {
        SandboxSpec pod = pod();
        String ours = container(pod, shell("exit 0"));
        String theirs = random(32);
        String image = engine.docker().get("/containers/%s/json".formatted(ours)).path("Image").asText();
        String engineId = engine.docker().post("/containers/create?name=" + theirs, "{\"Image\":\"%s\",\"Cmd\":[\"sleep\",\"1000\"]}".formatted(image))
                .path("Id").asText();
        assertThat(driver.inventory().containers()).containsExactly(ours);
        assertThat(driver.probeContainer(theirs)).isEqualTo(new ContainerProbe.Absent());
        assertThat(driver.probeSandbox(theirs)).isEqualTo(new SandboxProbe.Absent());
        driver.removeContainer(theirs);
        driver.removeSandbox(theirs);
        assertThat(engine.docker().get("/containers/%s/json".formatted(theirs)).path("Id").asText()).isEqualTo(engineId);
        engine.docker().delete("/containers/" + theirs);
    }
}
