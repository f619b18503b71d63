package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Pull;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.PulledImage;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.core.metrics.Metrics;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.ImagePullFailed;
import io.cairn.proto.journal.ImagePulled;
import io.cairn.proto.journal.ImageRemoveFailed;
import io.cairn.proto.journal.ImageRemoved;
import io.vavr.collection.Set;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pull and remove images. Thread-safe. Pulls run side by side, and beside a removal: backends keep what a pull under way needs.
 * Only while its outcome is put on record, a removal waits for it.
 */
public final class ImageOperations {
    private static final Logger LOG = LoggerFactory.getLogger(ImageOperations.class);
    private static final String CONTENT = "image content";

    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;
    private final Locks locks;
    private final Metrics metrics;
    private final Executor afterRetention;
    private final AtomicBoolean freeingIsDue = new AtomicBoolean();

    /** @param afterRetention runs a task when the next try of a failed pull had its time */
    ImageOperations(Engine engine, Drivers drivers, Locks locks, Metrics metrics, Executor afterRetention) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
        this.locks = locks;
        this.metrics = metrics;
        this.afterRetention = afterRetention;
    }

    /** @return the image's id */
    public Either<Problem, String> pull(Command.PullImage command, Credentials credentials, Origin origin) {
        return steps.intend(command, origin).flatMap(committed -> carryOutPull(command, credentials, origin.causedBy(committed.intent())));
    }

    private Either<Problem, String> carryOutPull(Command.PullImage command, Credentials credentials, Origin origin) {
        ImageBackend backend = drivers.named(command.driver()).images();
        var report = new PullReport(command.reference(), metrics, System::nanoTime);
        try {
            PulledImage image = backend.pull(command.reference(), credentials, report);
            try (var held = locks.shared(CONTENT)) {
                if (!backend.isIntact(image.id())) {
                    throw new DriverException(Failure.Kind.UNAVAILABLE,
                            "Image %s was removed while it was being pulled; pull it again".formatted(command.reference()));
                }
                report.ended("ok");
                return steps.conclude(pulled(command.newId(), image), command.driver(), origin, image.id());
            }
        } catch (Exception e) {
            Failure failure = Failures.of(e);
            report.ended(failure.getKind().name().toLowerCase(Locale.ROOT));
            freeUnusedLater();
            return failPull(command.newId(), command.driver(), failure, origin);
        }
    }

    /**
     * Frees what pulls that failed have left, once their next try had its time. Also for the start: what the last run did not come
     * to end is not known any more.
     */
    public void freeUnusedLater() {
        if (freeingIsDue.compareAndSet(false, true)) {
            afterRetention.execute(this::freeUnused);
        }
    }

    private void freeUnused() {
        freeingIsDue.set(false);
        try (var held = locks.exclusive(CONTENT)) {
            drivers.byName().forEach((name, driver) -> Steps.attempt(() -> driver.images().free(idsOf(name)))
                    .forEach(failure -> LOG.warn("What failed pulls have left still takes space: {}", failure.getMessage())));
        }
    }

    private Set<String> idsOf(String driver) {
        return engine.state().images().values().filter(i -> i.driver().equals(driver)).map(Image::id).toSet();
    }

    /** A pull whose caller a crash took away. What it brought is used by the next pull, or freed later. */
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
        Set<String> live = idsOf(image.driver()).remove(image.id());
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
