package io.cairn.core.sim;

import io.cairn.core.decide.Command;
import io.cairn.core.decide.Decider;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.LinuxContainerUser;
import io.cairn.proto.journal.*;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.util.List;

/**
 * Random commands, outcomes and observations, each decided on the state the ones before it leave: what callers, drivers and
 * recovery may ask for in any order. Outcomes are only given to intents that are open, as the operations do.
 */
public final class RandomHistory {
    private static final Failure WHY = Failure.newBuilder().setKind(Failure.Kind.FAILED).setMessage("it did not work").build();

    private final Rng rng;
    private State state = State.EMPTY;
    private long sequence;
    private long epoch = 1;
    private long wallNanos = TestClock.START_NANOS;
    private int ids;

    public RandomHistory(Rng rng) {
        this.rng = rng;
    }

    public State state() {
        return state;
    }

    /** The next command that was accepted and appended something. */
    public Step next() {
        while (true) {
            if (sequence == 0 || rng.oneIn(60)) {
                return append(Event.newBuilder().setEpochOpened(EpochOpened.newBuilder().setEpoch(sequence == 0 ? epoch : ++epoch)
                        .setBootId("boot-" + rng.below(3))).build());
            }
            if (rng.oneIn(200)) {
                return append(Event.newBuilder().setEpochRetired(EpochRetired.newBuilder().setEpoch(1)
                        .setLastSequence(rng.below((int) sequence))).build());
            }
            Option<Event> draft = Decider.decide(state, command()).toOption().flatMap(decision -> decision.drafts().headOption());
            if (draft.isDefined()) {
                return append(draft.get());
            }
        }
    }

    private Step append(Event draft) {
        // The wall clock may stand still and may go back.
        wallNanos += rng.below(2_000_000) - 200_000;
        Step step = Step.of(state, draft.toBuilder().setSequence(++sequence).setEpoch(epoch).setVersion(1).setWallTimeNanos(wallNanos).build());
        state = step.after();
        return step;
    }

    private Command command() {
        return switch (rng.below(21)) {
            case 0, 1 -> new Command.RunSandbox(newId(), rng.oneIn(4) ? Configs.hostNetworkPod(name(), 0) : Configs.pod(name(), rng.below(2)),
                    "", SimulatedDriver.NAME);
            case 2 -> new Command.StopSandbox(sandbox());
            case 3 -> new Command.RemoveSandbox(sandboxToRemove());
            case 4, 5 -> new Command.CreateContainer(newId(), sandbox(),
                    Configs.container(name(), rng.below(2), "app", rng.oneIn(2) ? "a" : "b"), image(), rng.below(31) + 1,
                    rng.oneIn(6) ? "/archives/" + name() : "");
            case 6, 7 -> new Command.StartContainer(container());
            case 8 -> new Command.StopContainer(container(), rng.below(1000));
            case 9 -> new Command.RemoveContainer(container());
            case 10 -> new Command.ExecInContainer(newId(), runningContainer(), Vector.of("true"), 0);
            case 11 -> new Command.PullImage(newId(), "docker.io/library/" + name() + ":latest", SimulatedDriver.NAME);
            case 12 -> new Command.RemoveImage(image());
            case 13 -> observation();
            case 14 -> rng.oneIn(3) ? new Command.CheckpointContainer(runningContainer(), "/archives/" + name(), 0) : rng.oneIn(2) ? new Command.UpdateContainer(container(), limits()) : new Command.UpdateSandbox(sandbox(), limits(), limits());
            default -> outcome();
        };
    }

    private LinuxContainerResources limits() {
        return LinuxContainerResources.newBuilder().setCpuShares(rng.below(1000)).setMemoryLimitInBytes(rng.below(3) << 20).build();
    }

    private Command observation() {
        if (rng.oneIn(6)) {
            return new Command.Observe(Event.newBuilder().setNetworkReadyChanged(rng.oneIn(2)
                    ? NetworkReadyChanged.newBuilder().setReady(true).setNetwork(name()).setSource("/etc/cni/net.d/10.conflist")
                    : NetworkReadyChanged.newBuilder().setReason("no plugin " + name())).build());
        }
        if (rng.oneIn(4)) {
            return new Command.Observe(Event.newBuilder().setSandboxVanished(SandboxVanished.newBuilder().setSandboxId(sandbox())).build());
        }
        var exit = ContainerExited.newBuilder().setContainerId(container()).setOomKilled(rng.oneIn(5)).setFinishedNotBeforeNanos(wallNanos - 5)
                .setFinishedNotAfterNanos(wallNanos);
        if (!rng.oneIn(4)) {
            exit.setExitCode(rng.below(256));
        }
        return new Command.Observe(Event.newBuilder().setContainerExited(exit).build());
    }

    private Command outcome() {
        var open = Vector.<Event>empty()
                .appendAll(state.sandboxes().values().flatMap(s -> s.pending().map(p -> outcome(p, s.id()))))
                .appendAll(state.containers().values().flatMap(c -> c.pending().map(p -> outcome(p, c.id()))))
                .appendAll(state.images().values().flatMap(i -> i.pending().map(p -> outcome(p, i.id()))))
                .appendAll(state.execs().keySet().map(this::outcomeOfExec)).appendAll(state.pulls().keySet().map(this::outcomeOfPull));
        return open.isEmpty() ? new Command.Note(Event.newBuilder().setOrphanReaped(OrphanReaped.newBuilder().setId(newId())).build())
                : new Command.Conclude(rng.pick(open.asJava()));
    }

    private Event outcome(Pending pending, String id) {
        boolean worked = !rng.oneIn(4);
        var event = Event.newBuilder();
        return (switch (pending.kind()) {
            case SANDBOX_RUN -> worked ? event.setSandboxRan(SandboxRan.newBuilder().setSandboxId(id).setNetworkNamespace(
                    rng.oneIn(3) ? "" : "/run/netns/" + id).addIps("10.88.0." + rng.below(255)))
                    : event.setSandboxRunFailed(rng.oneIn(2) ? SandboxRunFailed.newBuilder().setSandboxId(id).setCause(WHY)
                            : SandboxRunFailed.newBuilder().setSandboxId(id).setCause(WHY).setLeftBehind(WHY));
            case SANDBOX_STOP -> worked ? event.setSandboxStopped(SandboxStopped.newBuilder().setSandboxId(id))
                    : event.setSandboxStopFailed(SandboxStopFailed.newBuilder().setSandboxId(id).setCause(WHY));
            case SANDBOX_REMOVE -> worked && state.containersOf(id).isEmpty()
                    ? event.setSandboxRemoved(SandboxRemoved.newBuilder().setSandboxId(id))
                    : event.setSandboxRemoveFailed(SandboxRemoveFailed.newBuilder().setSandboxId(id).setCause(WHY));
            case CONTAINER_CREATE -> worked ? event.setContainerCreated(ContainerCreated.newBuilder().setContainerId(id).setUser(
                    ContainerUser.newBuilder().setLinux(LinuxContainerUser.newBuilder().setUid(rng.below(9)))).addClamps("clamped"))
                    : event.setContainerCreateFailed(rng.oneIn(2) ? ContainerCreateFailed.newBuilder().setContainerId(id).setCause(WHY)
                            : ContainerCreateFailed.newBuilder().setContainerId(id).setCause(WHY).setLeftBehind(WHY));
            case CONTAINER_START -> worked ? event.setContainerStarted(ContainerStarted.newBuilder().setContainerId(id).setPid(rng.below(9999))
                    .setStartedAtNanos(wallNanos)) : event.setContainerStartFailed(ContainerStartFailed.newBuilder().setContainerId(id).setCause(WHY));
            case CONTAINER_STOP -> event.setContainerStopFinished(worked ? ContainerStopFinished.newBuilder().setContainerId(id)
                    : ContainerStopFinished.newBuilder().setContainerId(id).setFailure(WHY));
            case CONTAINER_REMOVE -> worked ? event.setContainerRemoved(ContainerRemoved.newBuilder().setContainerId(id))
                    : event.setContainerRemoveFailed(ContainerRemoveFailed.newBuilder().setContainerId(id).setCause(WHY));
            case CONTAINER_UPDATE -> worked ? event.setContainerUpdated(ContainerUpdated.newBuilder().setContainerId(id).addClamps("clamped"))
                    : event.setContainerUpdateFailed(ContainerUpdateFailed.newBuilder().setContainerId(id).setCause(WHY));
            case CONTAINER_CHECKPOINT -> worked
                    ? event.setContainerCheckpointed(ContainerCheckpointed.newBuilder().setContainerId(id).setSizeBytes(rng.below(9999)))
                    : event.setContainerCheckpointFailed(ContainerCheckpointFailed.newBuilder().setContainerId(id).setCause(WHY));
            case IMAGE_REMOVE -> worked ? event.setImageRemoved(ImageRemoved.newBuilder().setImageId(id))
                    : event.setImageRemoveFailed(ImageRemoveFailed.newBuilder().setImageId(id).setCause(WHY));
        }).build();
    }

    private Event outcomeOfExec(String id) {
        return (rng.oneIn(3) ? Event.newBuilder().setExecFailed(ExecFailed.newBuilder().setExecId(id).setCause(WHY))
                : Event.newBuilder().setExecFinished(ExecFinished.newBuilder().setExecId(id).setExitCode(rng.below(3)))).build();
    }

    /** A tag may come to mean another image. */
    private Event outcomeOfPull(String id) {
        if (rng.oneIn(4)) {
            return Event.newBuilder().setImagePullFailed(ImagePullFailed.newBuilder().setPullId(id).setCause(WHY)).build();
        }
        String name = state.pulls().apply(id).reference();
        String image = Ids.image("content " + rng.below(4));
        return Event.newBuilder().setImagePulled(ImagePulled.newBuilder().setPullId(id).setImageId(image).setRepoTag(rng.oneIn(3) ? "" : name)
                .setRepoDigest(name.replace(":latest", "@") + image).setSizeBytes(rng.below(1 << 20)).setUser("1000").setStopSignal(rng.below(3)))
                .build();
    }

    private String sandbox() {
        return any(state.sandboxes().keySet().toVector());
    }

    /** Mostly one without containers, or none would ever go. */
    private String sandboxToRemove() {
        return any(state.sandboxes().keySet().filter(id -> rng.oneIn(3) || state.containersOf(id).forAll(Container::isRunning)).toVector());
    }

    private String container() {
        return any(state.containers().keySet().toVector());
    }

    private String runningContainer() {
        return any(state.containers().values().filter(Container::isRunning).map(Container::id).toVector());
    }

    private String image() {
        return any(state.images().keySet().toVector());
    }

    private String any(Vector<String> ids) {
        return ids.isEmpty() || rng.oneIn(20) ? Ids.of("unknown") : rng.pick(ids.sorted().asJava());
    }

    private String name() {
        return rng.pick(List.of("a", "b", "c"));
    }

    private String newId() {
        return Ids.of("random " + ++ids);
    }
}
