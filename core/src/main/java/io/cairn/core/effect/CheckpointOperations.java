package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Image;
import io.cairn.core.driver.CheckpointBackend;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.ContainerCheckpointFailed;
import io.cairn.proto.journal.ContainerCheckpointed;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;

/** Containers written into archives. Thread-safe. */
public final class CheckpointOperations {
    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;
    private final Locks locks;

    CheckpointOperations(Engine engine, Drivers drivers, Locks locks) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
        this.locks = locks;
    }

    /** The container runs on, whatever comes of it. */
    public Either<Problem, String> checkpoint(Command.CheckpointContainer command, Origin origin) {
        try (var held = locks.exclusive(command.id())) {
            return steps.intend(command, origin).flatMap(committed ->
                    carryOut(command, committed.intent(), origin.causedBy(committed.intent())));
        }
    }

    private Either<Problem, String> carryOut(Command.CheckpointContainer command, long intent, Origin origin) {
        try {
            long size = backend(command.id()).checkpoint(new CheckpointBackend.Spec(command.id(), Long.toString(intent),
                    Path.of(command.location()), command.timeoutMillis(), about(command.id())));
            return conclude(command.id(), size, origin);
        } catch (Exception e) {
            return concludeFailed(command.id(), Failures.of(e), origin);
        }
    }

    /** Hears what the driver holds of a checkpoint that was cut off, before the outcome goes on record. */
    public interface Verdict {
        void on(boolean archived, String evidence);
    }

    /**
     * Concludes a checkpoint that was cut off: its archive counts if it is whole, and what is left of another is taken away.
     *
     * @param intent sequence of its intent
     * @param cause recorded if there is no archive
     */
    public Either<Problem, String> settle(String id, long intent, Failure cause, Verdict verdict, Origin origin) {
        try {
            Option<Long> archived = backend(id).settle(id, Long.toString(intent));
            verdict.on(archived.isDefined(), archived.isDefined() ? "the archive is whole" : "there is no whole archive");
            return archived.isDefined() ? conclude(id, archived.get(), origin) : concludeFailed(id, cause, origin);
        } catch (Exception e) {
            Failure left = Failures.failure(cause.getKind(), "%s; what it left could not be taken away: %s"
                    .formatted(cause.getMessage(), Failures.of(e).getMessage()));
            verdict.on(false, "the driver cannot tell");
            return concludeFailed(id, left, origin);
        }
    }

    private Either<Problem, String> conclude(String id, long sizeBytes, Origin origin) {
        return steps.conclude(Event.newBuilder().setContainerCheckpointed(ContainerCheckpointed.newBuilder().setContainerId(id)
                .setSizeBytes(sizeBytes)), driver(id), origin, id);
    }

    private Either<Problem, String> concludeFailed(String id, Failure cause, Origin origin) {
        return steps.concludeFailed(Event.newBuilder().setContainerCheckpointFailed(ContainerCheckpointFailed.newBuilder().setContainerId(id)
                .setCause(cause)), driver(id), origin, cause);
    }

    private CheckpointBackend.Archived about(String id) {
        Container container = engine.state().containers().apply(id);
        Option<Image> image = engine.state().image(container.imageId());
        // A container that goes on from an archive has that for its image.
        String name = container.checkpoint().isEmpty() ? container.config().getImage().getImage() : "";
        return new CheckpointBackend.Archived(container.config().getMetadata().getName(),
                image.flatMap(i -> i.repoTags().headOption()).getOrElse(name),
                image.flatMap(i -> i.repoDigests().headOption()).getOrElse(container.imageId()));
    }

    private CheckpointBackend backend(String id) {
        return drivers.named(driver(id)).checkpoints();
    }

    private String driver(String id) {
        var state = engine.state();
        return state.sandboxes().apply(state.containers().apply(id).sandboxId()).driver();
    }
}
