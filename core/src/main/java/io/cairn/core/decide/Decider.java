package io.cairn.core.decide;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.NetworkReadyChanged;
import io.cairn.proto.journal.RuntimeConfigUpdated;
import io.vavr.control.Either;

/** {@code decide(state, command)}: the one place that says what is allowed when. Pure. */
public final class Decider {
    private Decider() {}

    public static Either<Rejection, Decision> decide(State state, Command command) {
        return switch (command) {
            case Command.OfSandbox c -> SandboxDecisions.decide(state, c);
            case Command.OfContainer c -> ContainerDecisions.decide(state, c);
            case Command.OfImage c -> ImageDecisions.decide(state, c);
            case Command.UpdateRuntimeConfig c -> Either.right(Decision.append("", Event.newBuilder().setRuntimeConfigUpdated(
                    RuntimeConfigUpdated.newBuilder().setPodCidr(c.podCidr()))));
            case Command.Conclude c -> Either.right(conclude(state, c.draft()));
            case Command.Observe c -> Either.right(observe(state, c.draft()));
            case Command.Note c -> Either.right(new Decision("", io.vavr.collection.Vector.of(c.draft())));
        };
    }

    /** A stop ends outside the container's lock, so the container may have been removed meanwhile: nothing is left to say then. */
    private static Decision conclude(State state, Event draft) {
        boolean pointless = draft.hasContainerStopFinished() && state.container(draft.getContainerStopFinished().getContainerId()).isEmpty();
        return pointless ? Decision.alreadySo("") : Decision.append("", draft.toBuilder());
    }

    /** Observations may come twice (two witnesses) or late (the subject was removed): only the first one counts. */
    private static Decision observe(State state, Event draft) {
        boolean isNews = switch (draft.getBodyCase()) {
            case CONTAINER_EXITED -> state.container(draft.getContainerExited().getContainerId()).exists(Container::mayHaveProcess);
            case SANDBOX_VANISHED -> state.sandbox(draft.getSandboxVanished().getSandboxId()).exists(s -> s.isReady());
            case NETWORK_READY_CHANGED -> isNews(state, draft.getNetworkReadyChanged());
            default -> throw new IllegalArgumentException("Expected an observation, but " + draft.getBodyCase() + " is none");
        };
        return isNews ? Decision.append("", draft.toBuilder()) : Decision.alreadySo("");
    }

    /** Why it is not ready may be said in other words each time: that alone is no change. */
    private static boolean isNews(State state, NetworkReadyChanged found) {
        return !state.network().exists(last -> last.getReady() == found.getReady() && last.getNetwork().equals(found.getNetwork()));
    }
}
