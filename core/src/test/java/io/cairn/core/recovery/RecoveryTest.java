package io.cairn.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.driver.DriverException;
import io.cairn.core.sim.Configs;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.Ids;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Kubelet;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Points;
import io.cairn.core.sim.Programs;
import io.cairn.core.sim.SimulatedDriver;
import io.cairn.core.sim.SimulatedNetwork;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.Truth;
import io.cairn.core.sim.World;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.engine.Origin;
import io.cairn.network.AttachRequest;
import io.cairn.network.PodIdentity;
import io.cairn.proto.journal.ContainerExited;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start finds out about the time in which nobody looked. */
class RecoveryTest {
    @TempDir(factory = InMemory.class) Path temp;

    private final TestClock clock = new TestClock();
    private final World world = new World(clock);
    private final Kubelet kubelet = new Kubelet(world);
    private Life life;

    @BeforeEach
    void aPodWithARunningContainer() throws Exception {
        life = Life.start(temp, world);
        kubelet.talkTo(life);
        kubelet.pull("app");
        kubelet.run("p1");
        kubelet.create("p1", "c", Programs.SLEEP);
        kubelet.start("c");
    }

    @AfterEach
    void end() throws Exception {
        life.close();
        assertThat(life.halts()).isEmpty();
    }

    @Test
    void aStartThatFindsEverythingAsItWasRecordsNothingButItself() throws Exception {
        var before = life.engine.state();
        long events = life.log().journal().head().sequence();
        restart(Life.BOOT);
        assertThat(events().stream().filter(e -> e.getSequence() > events).map(Event::getBodyCase)).containsExactly(Event.BodyCase.EPOCH_OPENED);
        assertThat(life.engine.state()).isEqualTo(before.withEpoch(2, Life.BOOT));
    }

    @Test
    void anExitOfThatTimeIsRecordedWithItsOwnTimeAndItsWitness() throws Exception {
        life.close();
        world.exits(container().id(), 42, true);
        clock.advanceMillis(60_000);
        begin(Life.BOOT);
        ContainerExited exit = container().exit().get();
        assertThat(exit.getExitCode()).isEqualTo(42);
        assertThat(exit.getOomKilled()).isTrue();
        assertThat(exit.getFinishedNotAfterNanos()).isLessThan(clock.wallNanos() - 60_000_000_000L);
        assertThat(exit.getEvidence().getWitness()).isEqualTo(Evidence.Witness.EXIT_RECORD);
        Truth.assertAgree(life.engine.state(), world);
    }

    @Test
    void whatNobodySawIsAnIntervalAndNoCodeIsInvented() throws Exception {
        String id = container().id();
        life.close();
        world.lose(id);
        clock.advanceMillis(60_000);
        begin(Life.BOOT);
        ContainerExited exit = container().exit().get();
        assertThat(exit.hasExitCode()).isFalse();
        assertThat(exit.getFinishedNotBeforeNanos()).isEqualTo(container().startedAtNanos());
        assertThat(exit.getFinishedNotAfterNanos()).isGreaterThan(exit.getFinishedNotBeforeNanos() + 60_000_000_000L);
        kubelet.removePod("p1");
        assertThat(world.held()).isEmpty();
    }

    @Test
    void afterABootNothingRunsAndThePodCanBeRemovedWithoutALeak() throws Exception {
        life.close();
        world.reboot();
        begin("boot-2");
        Sandbox sandbox = life.engine.state().sandboxes().values().head();
        assertThat(sandbox.phase()).isEqualTo(Sandbox.Phase.NOT_READY);
        assertThat(container().phase()).isEqualTo(Container.Phase.EXITED);
        assertThat(container().exit().get().hasExitCode()).isFalse();
        Event vanished = events().stream().filter(Event::hasSandboxVanished).findFirst().orElseThrow();
        assertThat(vanished.getSandboxVanished().getEvidence().getWitness()).isEqualTo(Evidence.Witness.BOOT);
        kubelet.removePod("p1");
        assertThat(world.held()).isEmpty();
    }

    @Test
    void aPodThatLosesItsGroundMeanwhileIsNotReadyAtOnceAndIsToldOnce() throws Exception {
        String pod = life.engine.state().sandboxes().values().head().id();
        var observations = new Observations(life.operations, clock);
        observations.sandboxVanished(pod, "the process that held its namespaces is gone");
        observations.sandboxVanished(pod, "it is still gone");
        observations.sandboxVanished("nobody", "there was never one");
        assertThat(life.engine.state().sandboxes().apply(pod).phase()).isEqualTo(Sandbox.Phase.NOT_READY);
        var told = events().stream().filter(Event::hasSandboxVanished).map(e -> e.getSandboxVanished().getEvidence()).toList();
        assertThat(told).hasSize(1);
        assertThat(told.getFirst().getWitness()).isEqualTo(Evidence.Witness.PROCESS_TABLE);
        assertThat(told.getFirst().getDetail()).isEqualTo("the process that held its namespaces is gone");
        kubelet.removePod("p1");
        assertThat(world.held()).isEmpty();
    }

    @Test
    void aPodThatABootTookGivesItsAddressBackWhenItIsStopped() throws Exception {
        life.close();
        world.reboot();
        begin("boot-2");
        assertThat(world.held()).anyMatch(held -> held.startsWith("address "));
        kubelet.stopPod("p1");
        assertThat(world.held()).noneMatch(held -> held.startsWith("address "));
        assertThat(events().getLast().hasSandboxStopped()).isTrue();
        int before = events().size();
        kubelet.stopPod("p1");
        assertThat(events()).hasSize(before);
        kubelet.removePod("p1");
        assertThat(world.held()).isEmpty();
    }

    @Test
    void whatIsUnderOurMarkAndNotInTheJournalIsTakenAway() throws Exception {
        var driver = new SimulatedDriver(world, Points.counting());
        var network = new SimulatedNetwork(world, Points.counting());
        life.close();
        var held = world.held();
        String sandbox = Ids.of("orphan");
        var spec = new SandboxSpec(sandbox, Configs.pod("orphan", 0), "");
        var ground = driver.prepareSandbox(spec);
        network.attach(new AttachRequest(new PodIdentity(sandbox, "default", "orphan", "uid"), ground.networkNamespace().get(),
                io.vavr.collection.List.empty(), Option.none(), io.vavr.collection.List.empty(), io.vavr.collection.List.empty(), Option.none(),
                HashMap.empty()));
        driver.createContainer(new io.cairn.core.driver.ContainerSpec(Ids.of("orphan container"), spec,
                Configs.container("orphan", 0, "app", Programs.SLEEP), Ids.image("docker.io/library/app")));
        driver.startContainer(Ids.of("orphan container"));

        begin(Life.BOOT);
        assertThat(world.held()).isEqualTo(held);
        assertThat(events().stream().filter(Event::hasOrphanReaped).map(e -> e.getOrphanReaped().getId()))
                .containsExactly(Ids.of("orphan container"), sandbox);
        assertThat(world.violations()).isEmpty();
    }

    @Test
    void aContainerThatCannotBeAskedForIsShownAsItWas() throws Exception {
        life.close();
        world.next("probe", id -> {
            throw new DriverException(Failure.Kind.UNAVAILABLE, "the backend is not there");
        });
        begin(Life.BOOT);
        assertThat(container().isRunning()).isTrue();
        kubelet.stop("c", 10_000);
        assertThat(container().exit().get().getExitCode()).as("it is watched nevertheless").isEqualTo(143);
    }

    /** A driver that does not answer the given number of times. */
    private void silentWhile(AtomicBoolean silent) {
        world.next("probe", id -> {
            if (silent.get()) {
                silentWhile(silent);
                throw new DriverException(Failure.Kind.UNAVAILABLE, "the backend is not there");
            }
        });
    }

    private void silent(int times) {
        world.next("probe", id -> {
            if (times > 1) {
                silent(times - 1);
            }
            throw new DriverException(Failure.Kind.UNAVAILABLE, "the backend is not there");
        });
    }

    /** A container whose program runs, and of whose start a crash left no outcome. */
    private void startIsCutOff(String name) throws Exception {
        kubelet.create("p1", name, Programs.SLEEP);
        String id = life.engine.state().containers().values().find(c -> c.key().name().equals(name)).get().id();
        life.engine.submit(new Command.StartContainer(id), Origin.SELF);
        life.drivers.defaultDriver().startContainer(id);
        life.close();
    }

    private Container container(String name) {
        return life.engine.state().containers().values().find(c -> c.key().name().equals(name)).get();
    }

    @Test
    void aStartOfWhichTheDriverSaysNothingIsNotDecidedUntilItDoes() throws Exception {
        startIsCutOff("doubtful");
        var silent = new AtomicBoolean(true);
        silentWhile(silent);
        begin(Life.BOOT);
        assertThat(container("doubtful").isPending(Pending.Kind.CONTAINER_START)).isTrue();
        String sandbox = container("doubtful").sandboxId();
        assertThat(life.operations.sandboxes().stop(sandbox, Origin.SELF).getLeft().toString()).contains("busy with CONTAINER_START");
        assertThat(life.operations.containers().remove(container("doubtful").id(), Origin.SELF).getLeft().toString())
                .contains("busy with CONTAINER_START");
        assertThat(world.isRunning(container("doubtful").id())).isTrue();

        silent.set(false);
        Eventually.holds("the driver is asked again", () -> container("doubtful").isRunning());
        assertThat(events().stream().filter(Event::hasInDoubtAdopted).map(e -> e.getInDoubtAdopted().getSubject()))
                .containsExactly(container("doubtful").id());
        assertThat(events()).noneMatch(Event::hasContainerStartFailed);
        kubelet.removePod("p1");
        assertThat(world.held()).isEmpty();
        assertThat(world.violations()).isEmpty();
    }

    @Test
    void whoNeedsAnAnswerHasTheDriverAskedAtOnce() throws Exception {
        startIsCutOff("doubtful");
        silent(2);
        begin(Life.BOOT);
        assertThat(container("doubtful").isPending(Pending.Kind.CONTAINER_START)).isTrue();
        life.operations.containers().stop(container("doubtful").id(), 10_000, Origin.SELF).get();
        assertThat(container("doubtful").exit().get().getExitCode()).isEqualTo(143);
        assertThat(world.isRunning(container("doubtful").id())).isFalse();
    }

    @Test
    void aRetryAfterTheClockWentBackIsNoSurprise() throws Exception {
        life.close();
        clock.advanceMillis(-3_600_000);
        begin(Life.BOOT);
        kubelet.stop("c", 10_000);
        kubelet.removePod("p1");
        assertThat(world.held()).isEmpty();
        assertThat(world.violations()).isEmpty();
    }

    private Container container() {
        return life.engine.state().containers().values().head();
    }

    private void restart(String bootId) throws Exception {
        life.close();
        begin(bootId);
    }

    private void begin(String bootId) throws Exception {
        life = Life.start(temp, world, bootId);
        kubelet.talkTo(life);
    }

    private List<Event> events() throws Exception {
        var events = new ArrayList<Event>();
        life.log().journal().read(1, record -> events.add(Replay.parse(record)));
        return events;
    }
}
