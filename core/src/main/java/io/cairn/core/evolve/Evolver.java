package io.cairn.core.evolve;

import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;

/**
 * Applies events. The switch has no default branch: a new kind of event does not compile until it is answered here.
 *
 * <p>An event that does not fit the state is an {@link InvariantViolation}: the journal is the truth, so either the journal
 * or this code is wrong, and neither may be papered over.
 */
public final class Evolver {
    /** The newest schema version this code understands. */
    public static final int VERSION = 1;

    private Evolver() {}

    public static State evolve(State state, Event event) {
        InvariantViolation.require(event.getVersion() <= VERSION,
                "Expected event %d to be of version %d at most, but it is of version %d: this journal was written by a newer cairn",
                event.getSequence(), VERSION, event.getVersion());
        return switch (event.getBodyCase()) {
            case EPOCH_OPENED -> state.withEpoch(event.getEpoch(), event.getEpochOpened().getBootId());
            // Whoever is attached, or forwards a port, lives in the daemon and ends with it.
            case ATTACH_BEGUN, ATTACH_ENDED, PORT_FORWARD_BEGUN, PORT_FORWARD_ENDED -> state;
            case NETWORK_READY_CHANGED -> state.with(event.getNetworkReadyChanged());
            case DRIVER_BOUND, SNAPSHOT_TAKEN, EPOCH_RETIRED, RUNTIME_CONFIG_UPDATED, NETWORK_CONFIGURED, IN_DOUBT_ADOPTED, IN_DOUBT_REDONE, IN_DOUBT_COMPENSATED, ORPHAN_REAPED,
                    CALL_SERVED -> state;

            case SANDBOX_RUN_INTENDED -> SandboxEvolution.apply(state, event, event.getSandboxRunIntended());
            case SANDBOX_RAN -> SandboxEvolution.apply(state, event.getSandboxRan());
            case SANDBOX_RUN_FAILED -> SandboxEvolution.apply(state, event.getSandboxRunFailed());
            case SANDBOX_STOP_INTENDED -> SandboxEvolution.apply(state, event, event.getSandboxStopIntended());
            case SANDBOX_STOPPED -> SandboxEvolution.apply(state, event.getSandboxStopped());
            case SANDBOX_STOP_FAILED -> SandboxEvolution.apply(state, event.getSandboxStopFailed());
            case SANDBOX_REMOVE_INTENDED -> SandboxEvolution.apply(state, event, event.getSandboxRemoveIntended());
            case SANDBOX_REMOVED -> SandboxEvolution.apply(state, event.getSandboxRemoved());
            case SANDBOX_REMOVE_FAILED -> SandboxEvolution.apply(state, event.getSandboxRemoveFailed());
            case SANDBOX_VANISHED -> SandboxEvolution.apply(state, event.getSandboxVanished());
            case SANDBOX_RESOURCES_UPDATED -> SandboxEvolution.apply(state, event.getSandboxResourcesUpdated());

            case CONTAINER_CREATE_INTENDED -> ContainerEvolution.apply(state, event, event.getContainerCreateIntended());
            case CONTAINER_CREATED -> ContainerEvolution.apply(state, event.getContainerCreated());
            case CONTAINER_CREATE_FAILED -> ContainerEvolution.apply(state, event, event.getContainerCreateFailed());
            case CONTAINER_START_INTENDED -> ContainerEvolution.apply(state, event, event.getContainerStartIntended());
            case CONTAINER_STARTED -> ContainerEvolution.apply(state, event.getContainerStarted());
            case CONTAINER_START_FAILED -> ContainerEvolution.apply(state, event, event.getContainerStartFailed());
            case CONTAINER_STOP_INTENDED -> ContainerEvolution.apply(state, event, event.getContainerStopIntended());
            case CONTAINER_STOP_FINISHED -> ContainerEvolution.apply(state, event.getContainerStopFinished());
            case CONTAINER_REMOVE_INTENDED -> ContainerEvolution.apply(state, event, event.getContainerRemoveIntended());
            case CONTAINER_REMOVED -> ContainerEvolution.apply(state, event.getContainerRemoved());
            case CONTAINER_REMOVE_FAILED -> ContainerEvolution.apply(state, event.getContainerRemoveFailed());
            case CONTAINER_EXITED -> ContainerEvolution.apply(state, event.getContainerExited());
            case CONTAINER_UPDATE_INTENDED -> ContainerEvolution.apply(state, event, event.getContainerUpdateIntended());
            case CONTAINER_UPDATED -> ContainerEvolution.apply(state, event.getContainerUpdated());
            case CONTAINER_UPDATE_FAILED -> ContainerEvolution.apply(state, event.getContainerUpdateFailed());

            case CONTAINER_CHECKPOINT_INTENDED -> ContainerEvolution.apply(state, event, event.getContainerCheckpointIntended());
            case CONTAINER_CHECKPOINTED -> ContainerEvolution.apply(state, event.getContainerCheckpointed());
            case CONTAINER_CHECKPOINT_FAILED -> ContainerEvolution.apply(state, event.getContainerCheckpointFailed());

            case EXEC_INTENDED -> ContainerEvolution.apply(state, event, event.getExecIntended());
            case EXEC_FINISHED -> ContainerEvolution.endExec(state, event.getExecFinished().getExecId());
            case EXEC_FAILED -> ContainerEvolution.endExec(state, event.getExecFailed().getExecId());

            case IMAGE_PULL_INTENDED -> ImageEvolution.apply(state, event, event.getImagePullIntended());
            case IMAGE_PULLED -> ImageEvolution.apply(state, event.getImagePulled());
            case IMAGE_PULL_FAILED -> ImageEvolution.apply(state, event.getImagePullFailed());
            case IMAGE_REMOVE_INTENDED -> ImageEvolution.apply(state, event, event.getImageRemoveIntended());
            case IMAGE_REMOVED -> ImageEvolution.apply(state, event.getImageRemoved());
            case IMAGE_REMOVE_FAILED -> ImageEvolution.apply(state, event.getImageRemoveFailed());

            case BODY_NOT_SET -> throw new InvariantViolation(
                    "Event %d has no body this cairn knows: the journal was written by a newer one".formatted(event.getSequence()));
        };
    }
}
