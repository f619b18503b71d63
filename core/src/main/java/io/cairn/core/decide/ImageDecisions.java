package io.cairn.core.decide;

import io.cairn.core.decide.Command.PullImage;
import io.cairn.core.decide.Command.RemoveImage;
import io.cairn.core.decide.Rejection.Reason;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ImagePullIntended;
import io.cairn.proto.journal.ImageRemoveIntended;
import io.vavr.control.Either;

/** What may be done with images. A pull is always tried: the registry may hold something newer under the same name. */
final class ImageDecisions {
    private ImageDecisions() {}

    static Either<Rejection, Decision> decide(State state, Command.OfImage command) {
        return switch (command) {
            case PullImage c -> Either.right(Decision.append(c.newId(), Event.newBuilder().setDriver(c.driver())
                    .setImagePullIntended(ImagePullIntended.newBuilder().setPullId(c.newId()).setReference(c.reference()))));
            case RemoveImage c -> remove(state, c);
        };
    }

    private static Either<Rejection, Decision> remove(State state, RemoveImage command) {
        return state.images().get(command.id()).map(image -> image.pending().isDefined()
                ? Either.<Rejection, Decision>left(Rejection.of(Reason.BUSY, "image %s is being removed already", image.id()))
                : Either.<Rejection, Decision>right(Decision.append(image.id(), Event.newBuilder().setDriver(image.driver())
                        .setImageRemoveIntended(ImageRemoveIntended.newBuilder().setImageId(image.id())))))
                .getOrElse(() -> Either.right(Decision.alreadySo(command.id())));
    }
}
