package io.cairn.core.projection;

import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/**
 * Which entities an event is about: whose rows it may change, and in whose history it belongs. The history of a pod holds
 * that of its containers.
 */
public final class Subjects {
    private Subjects() {}

    /** The kinds of row; the letter begins the row's key. */
    public enum Kind {
        SANDBOX('s'),
        CONTAINER('c'),
        IMAGE('i'),
        EXEC('e'),
        PULL('p');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        char letter() {
            return letter;
        }
    }

    public record Subject(Kind kind, String id) {}

    public static Vector<Subject> of(Step step) {
        Event event = step.event();
        State before = step.before();
        State after = step.after();
        return switch (event.getBodyCase()) {
            case SANDBOX_RUN_INTENDED -> sandbox(event.getSandboxRunIntended().getSandboxId());
            case SANDBOX_RAN -> sandbox(event.getSandboxRan().getSandboxId());
            case SANDBOX_RUN_FAILED -> sandbox(event.getSandboxRunFailed().getSandboxId());
            case SANDBOX_STOP_INTENDED -> sandbox(event.getSandboxStopIntended().getSandboxId());
            case SANDBOX_STOPPED -> sandbox(event.getSandboxStopped().getSandboxId());
            case SANDBOX_STOP_FAILED -> sandbox(event.getSandboxStopFailed().getSandboxId());
            case SANDBOX_REMOVE_INTENDED -> sandbox(event.getSandboxRemoveIntended().getSandboxId());
            case SANDBOX_REMOVED -> sandbox(event.getSandboxRemoved().getSandboxId());
            case SANDBOX_REMOVE_FAILED -> sandbox(event.getSandboxRemoveFailed().getSandboxId());
            case SANDBOX_VANISHED -> sandbox(event.getSandboxVanished().getSandboxId());
            case SANDBOX_RESOURCES_UPDATED -> sandbox(event.getSandboxResourcesUpdated().getSandboxId());

            case CONTAINER_CREATE_INTENDED -> container(event.getContainerCreateIntended().getContainerId(), before, after);
            case CONTAINER_CREATED -> container(event.getContainerCreated().getContainerId(), before, after);
            case CONTAINER_CREATE_FAILED -> container(event.getContainerCreateFailed().getContainerId(), before, after);
            case CONTAINER_START_INTENDED -> container(event.getContainerStartIntended().getContainerId(), before, after);
            case CONTAINER_STARTED -> container(event.getContainerStarted().getContainerId(), before, after);
            case CONTAINER_START_FAILED -> container(event.getContainerStartFailed().getContainerId(), before, after);
            case CONTAINER_STOP_INTENDED -> container(event.getContainerStopIntended().getContainerId(), before, after);
            case CONTAINER_STOP_FINISHED -> container(event.getContainerStopFinished().getContainerId(), before, after);
            case CONTAINER_REMOVE_INTENDED -> container(event.getContainerRemoveIntended().getContainerId(), before, after);
            case CONTAINER_REMOVED -> container(event.getContainerRemoved().getContainerId(), before, after);
            case CONTAINER_REMOVE_FAILED -> container(event.getContainerRemoveFailed().getContainerId(), before, after);
            case CONTAINER_EXITED -> container(event.getContainerExited().getContainerId(), before, after);
            case CONTAINER_UPDATE_INTENDED -> container(event.getContainerUpdateIntended().getContainerId(), before, after);
            case CONTAINER_UPDATED -> container(event.getContainerUpdated().getContainerId(), before, after);
            case CONTAINER_UPDATE_FAILED -> container(event.getContainerUpdateFailed().getContainerId(), before, after);

            case CONTAINER_CHECKPOINT_INTENDED -> container(event.getContainerCheckpointIntended().getContainerId(), before, after);
            case CONTAINER_CHECKPOINTED -> container(event.getContainerCheckpointed().getContainerId(), before, after);
            case CONTAINER_CHECKPOINT_FAILED -> container(event.getContainerCheckpointFailed().getContainerId(), before, after);

            case EXEC_INTENDED -> exec(event.getExecIntended().getExecId(), before, after);
            case EXEC_FINISHED -> exec(event.getExecFinished().getExecId(), before, after);
            case EXEC_FAILED -> exec(event.getExecFailed().getExecId(), before, after);
            case ATTACH_BEGUN -> container(event.getAttachBegun().getContainerId(), before, after);
            case ATTACH_ENDED -> container(event.getAttachEnded().getContainerId(), before, after);
            case PORT_FORWARD_BEGUN -> sandbox(event.getPortForwardBegun().getSandboxId());
            case PORT_FORWARD_ENDED -> sandbox(event.getPortForwardEnded().getSandboxId());

            case IMAGE_PULL_INTENDED -> pull(event.getImagePullIntended().getPullId());
            case IMAGE_PULLED -> pulled(event, before);
            case IMAGE_PULL_FAILED -> pull(event.getImagePullFailed().getPullId());
            case IMAGE_REMOVE_INTENDED -> image(event.getImageRemoveIntended().getImageId());
            case IMAGE_REMOVED -> image(event.getImageRemoved().getImageId());
            case IMAGE_REMOVE_FAILED -> image(event.getImageRemoveFailed().getImageId());

            case IN_DOUBT_ADOPTED -> named(event.getInDoubtAdopted().getSubject(), before, after);
            case IN_DOUBT_REDONE -> named(event.getInDoubtRedone().getSubject(), before, after);
            case IN_DOUBT_COMPENSATED -> named(event.getInDoubtCompensated().getSubject(), before, after);
            case ORPHAN_REAPED -> named(event.getOrphanReaped().getId(), before, after);

            case EPOCH_OPENED, DRIVER_BOUND, SNAPSHOT_TAKEN, EPOCH_RETIRED, RUNTIME_CONFIG_UPDATED, NETWORK_CONFIGURED,
                    NETWORK_READY_CHANGED, CALL_SERVED, BODY_NOT_SET -> Vector.empty();
        };
    }

    private static Vector<Subject> sandbox(String id) {
        return Vector.of(new Subject(Kind.SANDBOX, id));
    }

    private static Vector<Subject> image(String id) {
        return Vector.of(new Subject(Kind.IMAGE, id));
    }

    private static Vector<Subject> pull(String id) {
        return Vector.of(new Subject(Kind.PULL, id));
    }

    private static Vector<Subject> container(String id, State before, State after) {
        Option<String> sandboxId = before.container(id).orElse(() -> after.container(id)).map(c -> c.sandboxId());
        return Vector.of(new Subject(Kind.CONTAINER, id)).appendAll(sandboxId.map(s -> new Subject(Kind.SANDBOX, s)));
    }

    private static Vector<Subject> exec(String id, State before, State after) {
        Option<String> containerId = before.execs().get(id).orElse(() -> after.execs().get(id)).map(e -> e.containerId());
        return containerId.map(c -> container(c, before, after)).getOrElse(Vector.empty()).prepend(new Subject(Kind.EXEC, id));
    }

    /** A tag that moves changes the image it is taken from as well. */
    private static Vector<Subject> pulled(Event event, State before) {
        var body = event.getImagePulled();
        Option<String> formerHolder = before.image(body.getRepoTag()).map(i -> i.id()).filter(id -> !id.equals(body.getImageId()));
        return pull(body.getPullId()).append(new Subject(Kind.IMAGE, body.getImageId()))
                .appendAll(formerHolder.map(id -> new Subject(Kind.IMAGE, id)));
    }

    private static Vector<Subject> named(String id, State before, State after) {
        if (before.container(id).orElse(() -> after.container(id)).isDefined()) {
            return container(id, before, after);
        }
        return before.sandbox(id).orElse(() -> after.sandbox(id)).map(s -> sandbox(s.id())).getOrElse(Vector.empty());
    }
}
