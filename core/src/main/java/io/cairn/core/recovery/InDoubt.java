package io.cairn.core.recovery;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Exec;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Pull;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.effect.Operations;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Evidence.Witness;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.InDoubtAdopted;
import io.cairn.proto.journal.InDoubtCompensated;
import io.cairn.proto.journal.InDoubtRedone;
import io.vavr.collection.Vector;

/**
 * Settles every intent whose outcome a crash kept from the journal: what is inside a pod before the pod, and each oldest first.
 *
 * <pre>
 *   SANDBOX_RUN        compensate: namespaces, network and files are undone; nobody was told of the pod
 *   SANDBOX_STOP       redo
 *   SANDBOX_REMOVE     redo
 *   CONTAINER_CREATE   compensate: nobody was told of the container
 *   CONTAINER_START    probe: a process or its exit record is adopted; a program that has not run is not run any more, and what
 *                      waits to become it is taken back; while the driver does not answer, the doubt stays open
 *   CONTAINER_STOP     probe: an ended container is adopted; else signal again and wait, in the background, what is left of the grace
 *   CONTAINER_REMOVE   redo
 *   CONTAINER_UPDATE   redo
 *   CONTAINER_CHECKPOINT  probe: an archive that is whole is adopted; else what is left of it is taken away, and the container runs on
 *   IMAGE_REMOVE       redo
 *   exec, pull         compensate: what runs is ended, what was brought is left for the next try
 * </pre>
 */
final class InDoubt {
    private final Engine engine;
    private final Operations operations;
    private final Clock clock;

    InDoubt(Engine engine, Operations operations, Clock clock) {
        this.engine = engine;
        this.operations = operations;
        this.clock = clock;
    }

    private record Doubt(long intent, Runnable settle) {}

    /** @return how many doubts were settled */
    int settleAll() {
        State state = engine.state();
        Vector<Doubt> execs = state.execs().values().map(e -> new Doubt(e.intent(), () -> settle(e))).toVector();
        Vector<Doubt> containers = state.containers().values().flatMap(c -> c.pending().map(p -> new Doubt(p.intent(), () -> settle(c, p))))
                .toVector();
        // A pod's removal removes its containers, which it could not do while their own intents are open.
        Vector<Doubt> sandboxes = state.sandboxes().values().flatMap(s -> s.pending().map(p -> new Doubt(p.intent(), () -> settle(s, p))))
                .toVector();
        Vector<Doubt> pulls = state.pulls().values().map(p -> new Doubt(p.intent(), () -> settle(p))).toVector();
        Vector<Doubt> images = state.images().values().flatMap(i -> i.pending().map(p -> new Doubt(p.intent(), () -> settle(i, p))))
                .toVector();
        Vector<Doubt> doubts = Vector.of(execs, containers, sandboxes, pulls, images).flatMap(kind -> kind.sortBy(Doubt::intent));
        doubts.forEach(doubt -> doubt.settle().run());
        return doubts.size();
    }

    private void settle(Sandbox sandbox, Pending pending) {
        Origin origin = Origin.SELF.causedBy(pending.intent());
        switch (pending.kind()) {
            case SANDBOX_RUN -> {
                note(compensated(pending.intent(), sandbox.id(), "the call that made the pod was never answered"), origin, sandbox.driver());
                operations.sandboxes().abandonRun(sandbox, interrupted("cairn ended while the pod was being made"), origin);
            }
            case SANDBOX_STOP -> {
                note(redone(pending.intent(), sandbox.id()), origin, sandbox.driver());
                operations.sandboxes().carryOutStop(sandbox, origin);
            }
            case SANDBOX_REMOVE -> {
                note(redone(pending.intent(), sandbox.id()), origin, sandbox.driver());
                operations.sandboxes().carryOutRemove(sandbox, origin);
            }
            case CONTAINER_CREATE, CONTAINER_START, CONTAINER_STOP, CONTAINER_REMOVE, CONTAINER_UPDATE, CONTAINER_CHECKPOINT,
                    IMAGE_REMOVE ->
                throw misplaced(pending, "a sandbox");
        }
    }

    private void settle(Container before, Pending pending) {
        Origin origin = Origin.SELF.causedBy(pending.intent());
        String driver = engine.state().sandboxes().apply(before.sandboxId()).driver();
        switch (pending.kind()) {
            case CONTAINER_CREATE -> {
                note(compensated(pending.intent(), before.id(), "the call that made the container was never answered"), origin, driver);
                operations.containers().abandonCreate(before, interrupted("cairn ended while the container was being made"), origin);
            }
            case CONTAINER_START -> settleStart(before, pending, origin, driver);
            case CONTAINER_STOP -> settleStop(before, pending, origin, driver);
            case CONTAINER_REMOVE -> {
                note(redone(pending.intent(), before.id()), origin, driver);
                operations.containers().carryOutRemove(before, origin);
            }
            case CONTAINER_UPDATE -> {
                note(redone(pending.intent(), before.id()), origin, driver);
                // Its end may have been found since.
                operations.containers().carryOutUpdate(engine.state().containers().apply(before.id()), origin);
            }
            case CONTAINER_CHECKPOINT -> operations.checkpoints().settle(before.id(), pending.intent(),
                    interrupted("cairn ended while the container was being written into an archive"), (archived, evidence) ->
                            note(archived ? adopted(pending.intent(), before.id(), evidence)
                                    : compensated(pending.intent(), before.id(), evidence), origin, driver), origin);
            case SANDBOX_RUN, SANDBOX_STOP, SANDBOX_REMOVE, IMAGE_REMOVE -> throw misplaced(pending, "a container");
        }
    }

    /** Noted once the driver has said what is true, which may be later. */
    private void settleStart(Container container, Pending pending, Origin origin, String driver) {
        operations.starts().settle(container, interrupted("cairn ended before the program was started"), (hasRun, evidence) ->
                note(hasRun ? adopted(pending.intent(), container.id(), evidence) : compensated(pending.intent(), container.id(), evidence),
                        origin, driver), origin);
    }

    /** The reconciliation has asked the driver already: a container that still runs in the state runs in the world. */
    private void settleStop(Container container, Pending pending, Origin origin, String driver) {
        if (!container.isRunning()) {
            note(adopted(pending.intent(), container.id(), "the container has ended"), origin, driver);
            operations.containers().finishStop(engine.state(), container.id(), 0, origin);
            return;
        }
        note(redone(pending.intent(), container.id()), origin, driver);
        long graceMillis = Math.max(0, container.stopDeadlineMillis() - clock.wallNanos() / 1_000_000);
        Thread.ofVirtual().name("stop-" + container.id()).start(() ->
                operations.containers().resumeStop(container, graceMillis, origin));
    }

    private void settle(Image image, Pending pending) {
        Origin origin = Origin.SELF.causedBy(pending.intent());
        note(redone(pending.intent(), image.id()), origin, image.driver());
        operations.images().carryOutRemove(image, origin);
    }

    private void settle(Exec exec) {
        Origin origin = Origin.SELF.causedBy(exec.intent());
        note(compensated(exec.intent(), exec.containerId(), "the command's caller is gone"), origin, "");
        operations.execs().abandon(exec, origin);
    }

    private void settle(Pull pull) {
        Origin origin = Origin.SELF.causedBy(pull.intent());
        note(compensated(pull.intent(), pull.reference(), "the pull's caller is gone"), origin, pull.driver());
        operations.images().abandon(pull, origin);
    }

    private void note(Event.Builder resolution, Origin origin, String driver) {
        engine.submit(new Command.Note(resolution.setDriver(driver).build()), origin);
    }

    private Event.Builder adopted(long intent, String subject, String detail) {
        return Event.newBuilder().setInDoubtAdopted(InDoubtAdopted.newBuilder().setIntent(intent).setSubject(subject)
                .setEvidence(evidence(Witness.BACKEND, detail)));
    }

    private Event.Builder redone(long intent, String subject) {
        return Event.newBuilder().setInDoubtRedone(InDoubtRedone.newBuilder().setIntent(intent).setSubject(subject)
                .setEvidence(evidence(Witness.UNSPECIFIED, "no outcome on record")));
    }

    private Event.Builder compensated(long intent, String subject, String detail) {
        return Event.newBuilder().setInDoubtCompensated(InDoubtCompensated.newBuilder().setIntent(intent).setSubject(subject)
                .setEvidence(evidence(Witness.UNSPECIFIED, detail)));
    }

    private Evidence evidence(Witness witness, String detail) {
        return Evidence.newBuilder().setWitness(witness).setDetail(detail).setObservedAtNanos(clock.wallNanos()).build();
    }

    private static Failure interrupted(String message) {
        return Failure.newBuilder().setKind(Failure.Kind.INTERRUPTED_BY_CRASH).setMessage(message).build();
    }

    private static IllegalStateException misplaced(Pending pending, String holder) {
        return new IllegalStateException("Expected no " + pending.kind() + " on " + holder);
    }
}
