package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Pull;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.PulledImage;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.ImagePullFailed;
import io.cairn.proto.journal.ImagePulled;
import io.cairn.proto.journal.ImageRemoveFailed;
import io.cairn.proto.journal.ImageRemoved;
import io.vavr.control.Either;
import io.vavr.control.Option;

/** Pull and remove images. Thread-safe. Pulls run side by side; a removal waits for them, since they may share layers. */
public final class ImageOperations {
    private static final String CONTENT = "image content";

    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;
    private final Locks locks;

    ImageOperations(Engine engine, Drivers drivers, Locks locks) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
        this.locks = locks;
    }

    /** @return the image's id */
    public Either<Problem, String> pull(Command.PullImage command, Credentials credentials, Origin origin) {
        try (var held = locks.shared(CONTENT)) {
            return steps.intend(command, origin).flatMap(committed -> {
                Origin cause = origin.causedBy(committed.intent());
                try {
                    PulledImage image = drivers.named(command.driver()).images().pull(command.reference(), credentials);
                    return steps.conclude(pulled(command.newId(), image), command.driver(), cause, image.id());
                } catch (Exception e) {
                    return failPull(command.newId(), command.driver(), Failures.of(e), cause);
                }
            });
        }
    }

    /** A pull whose caller a crash took away. What it brought is freed with the next removal, or used by the next pull. */
    public void abandon(Pull pull, Origin origin) {
        failPull(pull.id(), pull.driver(), Failures.interrupted("cairn ended during the pull"), origin);
    }

    public Either<Problem, String> remove(String id, Origin origin) {
        try (var held = locks.exclusive(CONTENT)) {
            return steps.intend(new Command.RemoveImage(id), origin).flatMap(committed -> committed.changedNothing()
                    ? Either.right(id)
                    : carryOutRemove(committed.state().images().apply(id), origin.causedBy(committed.intent())));
        }
    }

    /** Safe to repeat. */
    public Either<Problem, String> carryOutRemove(Image image, Origin origin) {
        var live = engine.state().images().values().filter(i -> i.driver().equals(image.driver())).map(Image::id).toSet().remove(image.id());
        Option<Failure> failure = Steps.attempt(() -> drivers.named(image.driver()).images().remove(image.id(), live));
        return failure.isDefined()
                ? steps.concludeFailed(Event.newBuilder().setImageRemoveFailed(
                        ImageRemoveFailed.newBuilder().setImageId(image.id()).setCause(failure.get())), image.driver(), origin, failure.get())
                : steps.conclude(Event.newBuilder().setImageRemoved(ImageRemoved.newBuilder().setImageId(image.id())), image.driver(),
                        origin, image.id());
    }

    private <T> Either<Problem, T> failPull(String pullId, String driver, Failure failure, Origin origin) {
        return steps.concludeFailed(Event.newBuilder().setImagePullFailed(
                ImagePullFailed.newBuilder().setPullId(pullId).setCause(failure)), driver, origin, failure);
    }

    private static Event.Builder pulled(String pullId, PulledImage image) {
        return Event.newBuilder().setImagePulled(ImagePulled.newBuilder().setPullId(pullId).setImageId(image.id())
                .setRepoTag(image.repoTag()).setRepoDigest(image.repoDigest()).setSizeBytes(image.sizeBytes()).setUser(image.user())
                .setStopSignal(image.stopSignal()));
    }
}
