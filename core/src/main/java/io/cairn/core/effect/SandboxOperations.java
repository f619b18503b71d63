package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.SandboxKey;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.SandboxGround;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.SandboxRan;
import io.cairn.proto.journal.SandboxRemoveFailed;
import io.cairn.proto.journal.SandboxRemoved;
import io.cairn.proto.journal.SandboxRunFailed;
import io.cairn.proto.journal.SandboxStopFailed;
import io.cairn.proto.journal.SandboxStopped;
import io.cairn.proto.journal.SandboxVanished;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;

/** Run, stop and remove a pod sandbox: ground by the driver, network by us. Thread-safe. */
public final class SandboxOperations {
    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;
    private final PodNetworks networks;
    private final ContainerOperations containers;
    private final Locks locks;

    SandboxOperations(Engine engine, Drivers drivers, PodNetworks networks, ContainerOperations containers, Locks locks) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
        this.networks = networks;
        this.containers = containers;
        this.locks = locks;
    }

    /** @return the sandbox's id: a new one, or that of the sandbox the same request made before */
    public Either<Problem, String> run(Command.RunSandbox command, Origin origin) {
        // A retry must find what the first call made, so it waits until that call has ended one way or the other.
        try (var held = locks.exclusive("run " + SandboxKey.of(command.config().getMetadata()))) {
            return steps.intend(command, origin).flatMap(committed -> committed.changedNothing()
                    ? Either.right(committed.subject())
                    : carryOutRun(committed.state().sandboxes().apply(committed.subject()), origin.causedBy(committed.intent())));
        }
    }

    public Either<Problem, String> stop(String id, Origin origin) {
        try (var held = locks.exclusive(id)) {
            return steps.intend(new Command.StopSandbox(id), origin).flatMap(committed -> committed.changedNothing()
                    ? Either.right(id)
                    : carryOutStop(committed.state().sandboxes().apply(id), origin.causedBy(committed.intent())));
        }
    }

    public Either<Problem, String> remove(String id, Origin origin) {
        try (var held = locks.exclusive(id)) {
            return steps.intend(new Command.RemoveSandbox(id), origin).flatMap(committed -> committed.changedNothing()
                    ? Either.right(id)
                    : carryOutRemove(committed.state().sandboxes().apply(id), origin.causedBy(committed.intent())));
        }
    }

    /** Takes note of limits that the kubelet has set already. */
    public Either<Problem, String> update(Command.UpdateSandbox command, Origin origin) {
        try (var held = locks.exclusive(command.id())) {
            return steps.intend(command, origin).map(committed -> command.id());
        }
    }

    /** What a driver saw, or recovery found. One that is being stopped or removed may lack something with good reason. */
    public void reportVanished(String id, Evidence evidence) {
        engine.state().sandbox(id).filter(sandbox -> sandbox.isReady() && sandbox.pending().isEmpty()).forEach(sandbox ->
                engine.submit(new Command.Observe(Event.newBuilder().setDriver(sandbox.driver()).setSandboxVanished(
                        SandboxVanished.newBuilder().setSandboxId(id).setEvidence(evidence)).build()), Origin.SELF));
    }

    private Either<Problem, String> carryOutRun(Sandbox sandbox, Origin origin) {
        try {
            SandboxGround ground = driver(sandbox).prepareSandbox(spec(sandbox));
            Vector<String> ips = ground.networkNamespace().isEmpty()
                    ? Vector.empty()
                    : networks.attach(sandbox, ground.networkNamespace().get());
            var ran = SandboxRan.newBuilder().setSandboxId(sandbox.id()).addAllIps(ips)
                    .setNetworkNamespace(ground.networkNamespace().map(Object::toString).getOrElse(""));
            return steps.conclude(Event.newBuilder().setSandboxRan(ran), sandbox.driver(), origin, sandbox.id());
        } catch (Exception e) {
            return abandonRun(sandbox, Failures.of(e), origin);
        }
    }

    /** Undoes whatever part of a run was done, and says so. */
    public Either<Problem, String> abandonRun(Sandbox sandbox, Failure cause, Origin origin) {
        var failed = SandboxRunFailed.newBuilder().setSandboxId(sandbox.id()).setCause(cause);
        erase(sandbox).forEach(failed::setLeftBehind);
        return steps.concludeFailed(Event.newBuilder().setSandboxRunFailed(failed), sandbox.driver(), origin, cause);
    }

    /** Ends the containers, then takes the network away, then the ground. Safe to repeat. */
    public Either<Problem, String> carryOutStop(Sandbox sandbox, Origin origin) {
        Option<Failure> failure = containersWithProcess(sandbox).map(c -> containers.kill(c.id(), origin)).find(Option::isDefined)
                .flatMap(f -> f)
                .orElse(() -> withdraw(sandbox));
        return failure.isDefined()
                ? steps.concludeFailed(Event.newBuilder().setSandboxStopFailed(
                        SandboxStopFailed.newBuilder().setSandboxId(sandbox.id()).setCause(failure.get())), sandbox.driver(), origin,
                        failure.get())
                : steps.conclude(Event.newBuilder().setSandboxStopped(SandboxStopped.newBuilder().setSandboxId(sandbox.id())),
                        sandbox.driver(), origin, sandbox.id());
    }

    /** Removes the containers, then everything else. Safe to repeat. */
    public Either<Problem, String> carryOutRemove(Sandbox sandbox, Origin origin) {
        Option<Problem> problem = engine.state().containersOf(sandbox.id()).map(c -> containers.remove(c.id(), origin))
                .find(Either::isLeft).map(Either::getLeft);
        Option<Failure> failure = problem.map(SandboxOperations::asFailure).orElse(() -> erase(sandbox));
        return failure.isDefined()
                ? steps.concludeFailed(Event.newBuilder().setSandboxRemoveFailed(
                        SandboxRemoveFailed.newBuilder().setSandboxId(sandbox.id()).setCause(failure.get())), sandbox.driver(), origin,
                        failure.get())
                : steps.conclude(Event.newBuilder().setSandboxRemoved(SandboxRemoved.newBuilder().setSandboxId(sandbox.id())),
                        sandbox.driver(), origin, sandbox.id());
    }

    private Vector<Container> containersWithProcess(Sandbox sandbox) {
        return engine.state().containersOf(sandbox.id()).filter(Container::mayHaveProcess);
    }

    private Option<Failure> withdraw(Sandbox sandbox) {
        return Steps.attempt(() -> networks.detach(sandbox)).orElse(() -> Steps.attempt(() -> driver(sandbox).releaseSandbox(sandbox.id())));
    }

    /** What a stop has given back is not given back again: it takes the network's plugins as long as the first time. */
    private Option<Failure> erase(Sandbox sandbox) {
        return (sandbox.released() ? Option.<Failure>none() : withdraw(sandbox)).orElse(() -> Steps.attempt(() -> driver(sandbox).removeSandbox(sandbox.id())));
    }

    private Driver driver(Sandbox sandbox) {
        return drivers.named(sandbox.driver());
    }

    /** What drivers are given of a sandbox. */
    public static SandboxSpec spec(Sandbox sandbox) {
        return new SandboxSpec(sandbox.id(), sandbox.config(), sandbox.runtimeHandler());
    }

    private static Failure asFailure(Problem problem) {
        return switch (problem) {
            case Problem.Failed failed -> failed.failure();
            case Problem.Refused refused -> Failures.failure(Failure.Kind.FAILED, refused.rejection().message());
        };
    }
}
