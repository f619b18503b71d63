package io.cairn.core.evolve;

import static io.cairn.core.domain.InvariantViolation.require;

import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.Sandbox.Phase;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.SandboxRan;
import io.cairn.proto.journal.SandboxRemoveFailed;
import io.cairn.proto.journal.SandboxRemoveIntended;
import io.cairn.proto.journal.SandboxResourcesUpdated;
import io.cairn.proto.journal.SandboxRemoved;
import io.cairn.proto.journal.SandboxRunFailed;
import io.cairn.proto.journal.SandboxRunIntended;
import io.cairn.proto.journal.SandboxStopFailed;
import io.cairn.proto.journal.SandboxStopIntended;
import io.cairn.proto.journal.SandboxStopped;
import io.cairn.proto.journal.SandboxVanished;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** One small method for each event of a sandbox's life; the diagram is at {@link Sandbox}. */
final class SandboxEvolution {
    private SandboxEvolution() {}

    static State apply(State state, Event event, SandboxRunIntended body) {
        require(state.sandbox(body.getSandboxId()).isEmpty(), "Event %d makes sandbox %s a second time", event.getSequence(),
                body.getSandboxId());
        return state.with(new Sandbox(body.getSandboxId(), body.getConfig(), body.getRuntimeHandler(), event.getDriver(), Phase.CREATING,
                event.getWallTimeNanos(), Option.none(), Vector.empty(), pending(event, Pending.Kind.SANDBOX_RUN), false, state.bootId(),
                Option.none()));
    }

    static State apply(State state, SandboxRan body) {
        var namespace = Option.of(body.getNetworkNamespace()).filter(path -> !path.isEmpty());
        return state.with(concluding(state, body.getSandboxId(), Pending.Kind.SANDBOX_RUN)
                .withNetwork(namespace, Vector.ofAll(body.getIpsList())).with(Phase.READY));
    }

    static State apply(State state, SandboxRunFailed body) {
        Sandbox sandbox = concluding(state, body.getSandboxId(), Pending.Kind.SANDBOX_RUN);
        return body.hasLeftBehind() ? state.with(sandbox.with(Phase.NOT_READY)) : state.withoutSandbox(sandbox.id());
    }

    static State apply(State state, Event event, SandboxStopIntended body) {
        return state.with(idle(state, body.getSandboxId()).with(pending(event, Pending.Kind.SANDBOX_STOP)));
    }

    static State apply(State state, SandboxStopped body) {
        return state.with(concluding(state, body.getSandboxId(), Pending.Kind.SANDBOX_STOP).asReleased());
    }

    /** A stop may have gone half way: what is left is not fit for containers any more, and its address may be another's. */
    static State apply(State state, SandboxStopFailed body) {
        return state.with(concluding(state, body.getSandboxId(), Pending.Kind.SANDBOX_STOP).with(Phase.NOT_READY));
    }

    static State apply(State state, Event event, SandboxRemoveIntended body) {
        return state.with(idle(state, body.getSandboxId()).with(pending(event, Pending.Kind.SANDBOX_REMOVE)));
    }

    static State apply(State state, SandboxRemoved body) {
        Sandbox sandbox = concluding(state, body.getSandboxId(), Pending.Kind.SANDBOX_REMOVE);
        require(state.containersOf(sandbox.id()).isEmpty(), "Sandbox %s is removed, but still holds containers", sandbox.id());
        return state.withoutSandbox(sandbox.id());
    }

    /** Removal may have gone half way: what is left is not fit for containers any more. */
    static State apply(State state, SandboxRemoveFailed body) {
        return state.with(concluding(state, body.getSandboxId(), Pending.Kind.SANDBOX_REMOVE).with(Phase.NOT_READY));
    }

    static State apply(State state, SandboxVanished body) {
        return state.with(known(state, body.getSandboxId()).with(Phase.NOT_READY));
    }

    static State apply(State state, SandboxResourcesUpdated body) {
        return state.with(known(state, body.getSandboxId()).withResources(body));
    }

    private static Sandbox known(State state, String id) {
        return state.sandbox(id).getOrElseThrow(() -> new InvariantViolation("Sandbox %s is not known".formatted(id)));
    }

    private static Sandbox idle(State state, String id) {
        Sandbox sandbox = known(state, id);
        require(sandbox.pending().isEmpty(), "Sandbox %s is given a second intent while %s is open", id, sandbox.pending());
        return sandbox;
    }

    /** The sandbox with its intent closed; an outcome without its intent cannot be. */
    private static Sandbox concluding(State state, String id, Pending.Kind kind) {
        Sandbox sandbox = known(state, id);
        require(sandbox.pending().exists(p -> p.kind() == kind), "Sandbox %s has an outcome of %s, but its open intent is %s", id, kind,
                sandbox.pending());
        return sandbox.with(Option.<Pending>none());
    }

    private static Option<Pending> pending(Event event, Pending.Kind kind) {
        return Option.some(new Pending(event.getSequence(), kind));
    }
}
