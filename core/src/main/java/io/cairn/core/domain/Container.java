package io.cairn.core.domain;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.journal.ContainerExited;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;

/**
 * A container.
 *
 * <pre>
 *   CreateIntended ──▶ CREATING ──Created──▶ CREATED ──Started──▶ RUNNING ──Exited──▶ EXITED ──Removed──▶ (gone)
 *                         │                     └──StartFailed / Exited──────────────▶  ▲
 *                         └──CreateFailed──▶ (gone, or EXITED when something was left)──┘
 * </pre>
 *
 * A program may end before the outcome of its start is recorded: then Exited comes before Started, and Started only adds
 * when and as which process it ran.
 *
 * @param stopSignal number of the signal that asks it to end
 * @param createdAtNanos wall time of the intent
 * @param startedAtNanos 0 until started
 * @param pid 0 until started
 * @param exit how it ended, with the evidence
 * @param neverRan why its program could not be started
 * @param stopDeadlineMillis wall time in milliseconds since 1970 at which the grace of the last stop ends; 0 when never stopped
 * @param resources the limits in force
 * @param resourcesAsked the limits that are being set
 * @param checkpoint path of an archive, or id of an image, with processes that go on in it; empty when its program begins anew
 */
public record Container(
        String id,
        String sandboxId,
        ContainerConfig config,
        String imageId,
        int stopSignal,
        Phase phase,
        long createdAtNanos,
        long startedAtNanos,
        long pid,
        ContainerUser user,
        Option<ContainerExited> exit,
        Option<NeverRan> neverRan,
        Option<Pending> pending,
        long stopDeadlineMillis,
        LinuxContainerResources resources,
        Option<LinuxContainerResources> resourcesAsked,
        String checkpoint) {

    /** Where a container stands; CREATING is not shown to clients. */
    public enum Phase {
        CREATING,
        CREATED,
        RUNNING,
        EXITED
    }

    public ContainerKey key() {
        return ContainerKey.of(sandboxId, config.getMetadata());
    }

    public boolean isVisible() {
        return phase != Phase.CREATING;
    }

    public boolean isRunning() {
        return phase == Phase.RUNNING;
    }

    /** True while the driver may hold a process for it: running, or being started and not seen to have ended. */
    public boolean mayHaveProcess() {
        return isRunning() || exit.isEmpty() && isPending(Pending.Kind.CONTAINER_START);
    }

    public boolean isPending(Pending.Kind kind) {
        return pending.exists(p -> p.kind() == kind);
    }

    public Container with(Phase next) {
        return new Container(id, sandboxId, config, imageId, stopSignal, next, createdAtNanos, startedAtNanos, pid, user, exit, neverRan,
                pending, stopDeadlineMillis, resources, resourcesAsked, checkpoint);
    }

    public Container with(Option<Pending> next) {
        return new Container(id, sandboxId, config, imageId, stopSignal, phase, createdAtNanos, startedAtNanos, pid, user, exit, neverRan,
                next, stopDeadlineMillis, resources, resourcesAsked, checkpoint);
    }

    public Container withUser(ContainerUser next) {
        return new Container(id, sandboxId, config, imageId, stopSignal, phase, createdAtNanos, startedAtNanos, pid, next, exit, neverRan,
                pending, stopDeadlineMillis, resources, resourcesAsked, checkpoint);
    }

    public Container withProcess(long processId, long startedAt) {
        return new Container(id, sandboxId, config, imageId, stopSignal, phase, createdAtNanos, startedAt, processId, user, exit, neverRan,
                pending, stopDeadlineMillis, resources, resourcesAsked, checkpoint);
    }

    public Container withStopDeadline(long nextMillis) {
        return new Container(id, sandboxId, config, imageId, stopSignal, phase, createdAtNanos, startedAtNanos, pid, user, exit, neverRan,
                pending, nextMillis, resources, resourcesAsked, checkpoint);
    }

    public Container withExit(ContainerExited next) {
        return new Container(id, sandboxId, config, imageId, stopSignal, Phase.EXITED, createdAtNanos, startedAtNanos, pid, user,
                Option.of(next), neverRan, pending, stopDeadlineMillis, resources, resourcesAsked, checkpoint);
    }

    public Container withFailure(Failure next, long foundAtNanos) {
        return new Container(id, sandboxId, config, imageId, stopSignal, Phase.EXITED, createdAtNanos, startedAtNanos, pid, user, exit,
                Option.some(new NeverRan(next, foundAtNanos)), pending, stopDeadlineMillis, resources, resourcesAsked, checkpoint);
    }

    /** With limits that are being set. */
    public Container withAsked(LinuxContainerResources asked) {
        return new Container(id, sandboxId, config, imageId, stopSignal, phase, createdAtNanos, startedAtNanos, pid, user, exit, neverRan,
                pending, stopDeadlineMillis, resources, Option.some(asked), checkpoint);
    }

    /** With these limits in force, and none being set. */
    public Container withResources(LinuxContainerResources inForce) {
        return new Container(id, sandboxId, config, imageId, stopSignal, phase, createdAtNanos, startedAtNanos, pid, user, exit, neverRan,
                pending, stopDeadlineMillis, inForce, Option.none(), checkpoint);
    }

    /** @param foundAtNanos wall time of the event that says so */
    public record NeverRan(Failure cause, long foundAtNanos) {}
}
