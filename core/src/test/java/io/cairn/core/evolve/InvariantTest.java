package io.cairn.core.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.core.sim.RandomHistory;
import io.cairn.core.sim.Rng;
import io.cairn.proto.journal.*;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An event that does not fit stops the daemon rather than being papered over. */
class InvariantTest {
    private static final Set<Event.BodyCase> WITHOUT_EFFECT = EnumSet.of(Event.BodyCase.EPOCH_OPENED, Event.BodyCase.DRIVER_BOUND,
            Event.BodyCase.ATTACH_BEGUN, Event.BodyCase.ATTACH_ENDED, Event.BodyCase.PORT_FORWARD_BEGUN,
            Event.BodyCase.PORT_FORWARD_ENDED, Event.BodyCase.SNAPSHOT_TAKEN, Event.BodyCase.EPOCH_RETIRED, Event.BodyCase.RUNTIME_CONFIG_UPDATED,
            Event.BodyCase.NETWORK_CONFIGURED, Event.BodyCase.NETWORK_READY_CHANGED,
            Event.BodyCase.IN_DOUBT_ADOPTED, Event.BodyCase.IN_DOUBT_REDONE, Event.BodyCase.IN_DOUBT_COMPENSATED, Event.BodyCase.ORPHAN_REAPED,
            Event.BodyCase.CALL_SERVED);
    private static final Set<Event.BodyCase> BEGINNINGS = EnumSet.of(Event.BodyCase.SANDBOX_RUN_INTENDED, Event.BodyCase.IMAGE_PULL_INTENDED,
            Event.BodyCase.EXEC_INTENDED);

    /** In an empty state nothing can end, and little can begin. */
    @ParameterizedTest
    @EnumSource(Event.BodyCase.class)
    void whatIsAboutNothingThatIsKnownIsRefused(Event.BodyCase kind) {
        Event event = kind == Event.BodyCase.BODY_NOT_SET ? Event.getDefaultInstance() : empty(kind);
        if (WITHOUT_EFFECT.contains(kind) || BEGINNINGS.contains(kind)) {
            State after = Evolver.evolve(State.EMPTY, event);
            assertThat(after.sandboxes().size() + after.pulls().size() + after.execs().size()).isEqualTo(BEGINNINGS.contains(kind) ? 1 : 0);
        } else {
            assertThatThrownBy(() -> Evolver.evolve(State.EMPTY, event)).isInstanceOf(InvariantViolation.class);
        }
    }

    private static Event empty(Event.BodyCase kind) {
        var field = Event.getDescriptor().findFieldByNumber(kind.getNumber());
        var event = Event.newBuilder();
        return event.setField(field, event.newBuilderForField(field).build()).build();
    }

    /** Intents and outcomes come in pairs: none of them can come twice in a row. */
    @Test
    void noEventOfARandomHistoryCanBeAppliedTwice() {
        var history = new RandomHistory(Rng.printed("twice"));
        var tried = EnumSet.noneOf(Event.BodyCase.class);
        // A stop may be intended again while another waits; its end and a lost pod may be told again.
        var repeatable = EnumSet.copyOf(WITHOUT_EFFECT);
        repeatable.addAll(List.of(Event.BodyCase.CONTAINER_STOP_INTENDED, Event.BodyCase.CONTAINER_STOP_FINISHED, Event.BodyCase.SANDBOX_VANISHED,
                Event.BodyCase.SANDBOX_RESOURCES_UPDATED));
        for (int i = 0; i < 3_000; i++) {
            Step step = history.next();
            if (!repeatable.contains(step.event().getBodyCase())) {
                tried.add(step.event().getBodyCase());
                assertThatThrownBy(() -> Evolver.evolve(step.after(), step.event())).as("%s", step.event()).isInstanceOf(InvariantViolation.class);
            }
        }
        assertThat(tried).hasSizeGreaterThan(22);
    }

    @Test
    void anEventOfANewerVersionIsRefusedWithWhatToThink() {
        assertThatThrownBy(() -> Evolver.evolve(State.EMPTY, Event.newBuilder().setSequence(3).setVersion(Evolver.VERSION + 1)
                .setOrphanReaped(OrphanReaped.getDefaultInstance()).build()))
                .isInstanceOf(InvariantViolation.class).hasMessageContaining("event 3").hasMessageContaining("newer cairn");
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aContainerThatEndsBeforeItsStartIsRecordedIsTheSameAsOneThatEndsAfterIt(List<Event> order) {
        State state = State.EMPTY;
        for (Event event : order) {
            state = Evolver.evolve(state, event);
        }
        Container container = state.container("c").get();
        assertThat(container.phase()).isEqualTo(Container.Phase.EXITED);
        assertThat(container.exit().get().getExitCode()).isEqualTo(3);
        assertThat(container.pid()).isEqualTo(9);
        assertThat(container.startedAtNanos()).isEqualTo(10);
        assertThat(container.pending()).isEmpty();
    }

    static Stream<List<Event>> orders() {
        Event started = Event.newBuilder().setContainerStarted(ContainerStarted.newBuilder().setContainerId("c").setPid(9).setStartedAtNanos(10)).build();
        Event exited = Event.newBuilder().setContainerExited(ContainerExited.newBuilder().setContainerId("c").setExitCode(3)).build();
        List<Event> before = List.of(
                Event.newBuilder().setSandboxRunIntended(SandboxRunIntended.newBuilder().setSandboxId("s")).build(),
                Event.newBuilder().setSandboxRan(SandboxRan.newBuilder().setSandboxId("s")).build(),
                Event.newBuilder().setContainerCreateIntended(ContainerCreateIntended.newBuilder().setContainerId("c").setSandboxId("s")).build(),
                Event.newBuilder().setContainerCreated(ContainerCreated.newBuilder().setContainerId("c")).build(),
                Event.newBuilder().setContainerStartIntended(ContainerStartIntended.newBuilder().setContainerId("c")).build());
        return Stream.of(List.of(started, exited), List.of(exited, started))
                .map(ending -> Stream.concat(before.stream(), ending.stream()).toList());
    }

    @Test
    void aTagThatMovesIsTakenFromTheImageThatHadItWhichStaysUnderItsDigest() {
        State state = State.EMPTY;
        for (String image : List.of("sha256:1", "sha256:2")) {
            state = Evolver.evolve(state, Event.newBuilder().setImagePullIntended(ImagePullIntended.newBuilder().setPullId(image)).build());
            state = Evolver.evolve(state, Event.newBuilder().setImagePulled(ImagePulled.newBuilder().setPullId(image).setImageId(image)
                    .setRepoTag("app:latest").setRepoDigest("app@" + image)).build());
        }
        assertThat(state.image("app:latest").get().id()).isEqualTo("sha256:2");
        assertThat(state.image("app@sha256:1").get().repoTags()).isEmpty();
        assertThat(state.images().size()).isEqualTo(2);
        State without = Evolver.evolve(Evolver.evolve(state, Event.newBuilder().setImageRemoveIntended(ImageRemoveIntended.newBuilder()
                .setImageId("sha256:2")).build()), Event.newBuilder().setImageRemoved(ImageRemoved.newBuilder().setImageId("sha256:2")).build());
        assertThat(without.image("app:latest")).isEmpty();
        assertThat(without.image("app@sha256:1")).hasSize(1);
    }
}
