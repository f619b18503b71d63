package io.cairn.core.evolve;

import static io.cairn.core.domain.InvariantViolation.require;

import io.cairn.core.domain.Image;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Pull;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ImagePullFailed;
import io.cairn.proto.journal.ImagePullIntended;
import io.cairn.proto.journal.ImagePulled;
import io.cairn.proto.journal.ImageRemoveFailed;
import io.cairn.proto.journal.ImageRemoveIntended;
import io.cairn.proto.journal.ImageRemoved;
import io.vavr.collection.TreeSet;
import io.vavr.control.Option;

/** One small method for each event of an image's life. */
final class ImageEvolution {
    private ImageEvolution() {}

    static State apply(State state, Event event, ImagePullIntended body) {
        require(state.pulls().get(body.getPullId()).isEmpty(), "Pull %s begins a second time", body.getPullId());
        return state.with(new Pull(body.getPullId(), body.getReference(), event.getDriver(), event.getSequence()));
    }

    /** The tag now means this image: it is taken from the one that had it, which stays under its digest. */
    static State apply(State state, ImagePulled body) {
        Pull pull = known(state, body.getPullId());
        TreeSet<String> tags = body.getRepoTag().isEmpty() ? TreeSet.empty() : TreeSet.of(body.getRepoTag());
        State untagged = tags.foldLeft(state, (s, tag) -> s.image(tag).filter(i -> !i.id().equals(body.getImageId()))
                .map(i -> s.with(i.withTags(i.repoTags().remove(tag)))).getOrElse(s));
        Option<Image> before = state.images().get(body.getImageId());
        return untagged.withoutPull(pull.id()).with(new Image(body.getImageId(),
                before.map(Image::repoTags).getOrElse(TreeSet.empty()).addAll(tags),
                before.map(Image::repoDigests).getOrElse(TreeSet.empty()).add(body.getRepoDigest()),
                body.getSizeBytes(), body.getUser(), body.getStopSignal(), pull.driver(), before.flatMap(Image::pending)));
    }

    static State apply(State state, ImagePullFailed body) {
        return state.withoutPull(known(state, body.getPullId()).id());
    }

    static State apply(State state, Event event, ImageRemoveIntended body) {
        Image image = image(state, body.getImageId());
        require(image.pending().isEmpty(), "Image %s is given a second intent while %s is open", image.id(), image.pending());
        return state.with(image.with(Option.some(new Pending(event.getSequence(), Pending.Kind.IMAGE_REMOVE))));
    }

    static State apply(State state, ImageRemoved body) {
        return state.withoutImage(removing(state, body.getImageId()).id());
    }

    static State apply(State state, ImageRemoveFailed body) {
        return state.with(removing(state, body.getImageId()).with(Option.<Pending>none()));
    }

    private static Pull known(State state, String pullId) {
        return state.pulls().get(pullId)
                .getOrElseThrow(() -> new InvariantViolation("Pull %s ends, but has not begun".formatted(pullId)));
    }

    /** An outcome without its intent cannot be. */
    private static Image removing(State state, String id) {
        Image image = image(state, id);
        require(image.pending().isDefined(), "Image %s has an outcome of its removal, but no intent is open", id);
        return image;
    }

    private static Image image(State state, String id) {
        return state.images().get(id).getOrElseThrow(() -> new InvariantViolation("Image %s is not known".formatted(id)));
    }
}
