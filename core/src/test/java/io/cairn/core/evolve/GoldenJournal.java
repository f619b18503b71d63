package io.cairn.core.evolve;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.sim.Configs;
import io.cairn.core.sim.Ids;
import io.cairn.core.sim.TestClock;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.LinuxContainerUser;
import io.cairn.proto.journal.*;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a journal with every kind of event, and the state it means: {@code java … GoldenJournal DIRECTORY NAME}, once for each
 * version of the schema.
 */
final class GoldenJournal {
    private static final Failure WHY = Failure.newBuilder().setKind(Failure.Kind.TIMED_OUT).setMessage("no answer within 10 s").build();
    private static final Evidence SEEN = Evidence.newBuilder().setWitness(Evidence.Witness.EXIT_RECORD).setDetail("exit file")
            .setObservedAtNanos(TestClock.START_NANOS).build();

    private final List<Event> events = new ArrayList<>();
    private long epoch;

    private GoldenJournal() {}

    public static void main(String[] arguments) throws IOException {
        var journal = new GoldenJournal();
        journal.write();
        Path directory = Path.of(arguments[0]);
        try (var out = Files.newOutputStream(directory.resolve(arguments[1] + ".events"))) {
            for (Event event : journal.events) {
                event.writeDelimitedTo(out);
            }
        }
        State state = State.EMPTY;
        for (Event event : journal.events) {
            state = Evolver.evolve(state, event);
        }
        Files.writeString(directory.resolve(arguments[1] + ".state"), text(state));
    }

    private void write() {
        epochOpened();
        add(Event.newBuilder().setDriverBound(DriverBound.newBuilder().setDriver("runc").setDetail("runc 1.1.5")));
        images();
        String ready = sandboxes();
        containers(ready);
        epochOpened();
        resolutions();
        retention();
        limits(ready);
        streams(ready);
        network();
        checkpoints(ready);
        add(Event.newBuilder().setCallServed(CallServed.newBuilder().setMethod("ListContainers").setStatus("OK").setLatencyNanos(1000)));
    }

    private void epochOpened() {
        epoch++;
        add(Event.newBuilder().setEpochOpened(EpochOpened.newBuilder().setEpoch(epoch).setPreviousLastSequence(events.size())
                .setPreviousHead(ByteString.copyFrom(new byte[32])).setPreviousTail("not closed, nothing lost").setPreviousTailCutBytes(0)
                .setBootId("boot-" + epoch).setCairnVersion("0.1.0")));
    }

    private void images() {
        for (String name : List.of("app", "other", "missing", "pulling")) {
            add(Event.newBuilder().setImagePullIntended(ImagePullIntended.newBuilder().setPullId(Ids.of(name))
                    .setReference("docker.io/library/" + name + ":latest")));
            if (name.equals("missing")) {
                add(Event.newBuilder().setImagePullFailed(ImagePullFailed.newBuilder().setPullId(Ids.of(name)).setCause(WHY)));
            } else if (!name.equals("pulling")) {
                add(Event.newBuilder().setImagePulled(ImagePulled.newBuilder().setPullId(Ids.of(name)).setImageId(Ids.image(name))
                        .setRepoTag("docker.io/library/" + name + ":latest").setRepoDigest("docker.io/library/" + name + "@" + Ids.image("m " + name))
                        .setSizeBytes(4096).setUser("1000:1000").setStopSignal(3)));
            }
        }
        add(Event.newBuilder().setImageRemoveIntended(ImageRemoveIntended.newBuilder().setImageId(Ids.image("other"))));
        add(Event.newBuilder().setImageRemoveFailed(ImageRemoveFailed.newBuilder().setImageId(Ids.image("other")).setCause(WHY)));
        add(Event.newBuilder().setImageRemoveIntended(ImageRemoveIntended.newBuilder().setImageId(Ids.image("other"))));
        add(Event.newBuilder().setImageRemoved(ImageRemoved.newBuilder().setImageId(Ids.image("other"))));
    }

    private String sandboxes() {
        for (String name : List.of("ready", "failed", "left-behind", "stopped", "vanished", "removed")) {
            String id = Ids.of(name);
            add(Event.newBuilder().setSandboxRunIntended(SandboxRunIntended.newBuilder().setSandboxId(id).setConfig(Configs.pod(name, 1))
                    .setRuntimeHandler("special")));
            var failed = SandboxRunFailed.newBuilder().setSandboxId(id).setCause(WHY);
            switch (name) {
                case "failed" -> add(Event.newBuilder().setSandboxRunFailed(failed));
                case "left-behind" -> add(Event.newBuilder().setSandboxRunFailed(failed.setLeftBehind(WHY)));
                default -> add(Event.newBuilder().setSandboxRan(SandboxRan.newBuilder().setSandboxId(id)
                        .setNetworkNamespace("/run/cairn/netns/" + id).addIps("10.88.0.7").addIps("fd00::7")));
            }
        }
        var stop = SandboxStopIntended.newBuilder().setSandboxId(Ids.of("stopped"));
        add(Event.newBuilder().setSandboxStopIntended(stop));
        add(Event.newBuilder().setSandboxStopFailed(SandboxStopFailed.newBuilder().setSandboxId(Ids.of("stopped")).setCause(WHY)));
        add(Event.newBuilder().setSandboxStopIntended(stop));
        add(Event.newBuilder().setSandboxStopped(SandboxStopped.newBuilder().setSandboxId(Ids.of("stopped"))));
        add(Event.newBuilder().setSandboxVanished(SandboxVanished.newBuilder().setSandboxId(Ids.of("vanished")).setEvidence(SEEN)));
        var remove = SandboxRemoveIntended.newBuilder().setSandboxId(Ids.of("removed"));
        add(Event.newBuilder().setSandboxRemoveIntended(remove));
        add(Event.newBuilder().setSandboxRemoveFailed(SandboxRemoveFailed.newBuilder().setSandboxId(Ids.of("removed")).setCause(WHY)));
        add(Event.newBuilder().setSandboxRemoveIntended(remove));
        add(Event.newBuilder().setSandboxRemoved(SandboxRemoved.newBuilder().setSandboxId(Ids.of("removed"))));
        return Ids.of("ready");
    }

    private void containers(String sandbox) {
        for (String name : List.of("created", "running", "starting", "unstarted", "exited", "unseen", "stopping", "removed", "half", "unmade")) {
            String id = Ids.of("c-" + name);
            add(Event.newBuilder().setContainerCreateIntended(ContainerCreateIntended.newBuilder().setContainerId(id).setSandboxId(sandbox)
                    .setConfig(Configs.container(name, 2, "app", "sleep")).setImageId(Ids.image("app")).setStopSignal(15)));
            var failed = ContainerCreateFailed.newBuilder().setContainerId(id).setCause(WHY);
            switch (name) {
                case "unmade" -> add(Event.newBuilder().setContainerCreateFailed(failed));
                case "half" -> add(Event.newBuilder().setContainerCreateFailed(failed.setLeftBehind(WHY)));
                default -> {
                    add(Event.newBuilder().setContainerCreated(ContainerCreated.newBuilder().setContainerId(id).setUser(ContainerUser.newBuilder()
                            .setLinux(LinuxContainerUser.newBuilder().setUid(5).setGid(6).addSupplementalGroups(7))).addClamps("oom_score_adj")));
                    started(name, id);
                }
            }
        }
    }

    private void started(String name, String id) {
        if (name.equals("created")) {
            return;
        }
        add(Event.newBuilder().setContainerStartIntended(ContainerStartIntended.newBuilder().setContainerId(id)));
        switch (name) {
            case "starting" -> { }
            case "unstarted" -> add(Event.newBuilder().setContainerStartFailed(ContainerStartFailed.newBuilder().setContainerId(id).setCause(WHY)));
            default -> {
                add(Event.newBuilder().setContainerStarted(ContainerStarted.newBuilder().setContainerId(id).setPid(4242)
                        .setStartedAtNanos(TestClock.START_NANOS + 5)));
                ended(name, id);
            }
        }
    }

    private void ended(String name, String id) {
        var exit = ContainerExited.newBuilder().setContainerId(id).setFinishedNotBeforeNanos(6).setFinishedNotAfterNanos(7).setEvidence(SEEN);
        switch (name) {
            case "exited" -> add(Event.newBuilder().setContainerExited(exit.setExitCode(137).setOomKilled(true)));
            case "unseen" -> add(Event.newBuilder().setContainerExited(exit));
            case "stopping" -> {
                var stop = ContainerStopIntended.newBuilder().setContainerId(id).setSignal(15).setGraceMillis(30_000);
                add(Event.newBuilder().setContainerStopIntended(stop));
                add(Event.newBuilder().setContainerStopFinished(ContainerStopFinished.newBuilder().setContainerId(id).setFailure(WHY)));
                add(Event.newBuilder().setContainerStopIntended(stop));
            }
            case "removed" -> {
                var remove = ContainerRemoveIntended.newBuilder().setContainerId(id);
                add(Event.newBuilder().setContainerRemoveIntended(remove));
                add(Event.newBuilder().setContainerRemoveFailed(ContainerRemoveFailed.newBuilder().setContainerId(id).setCause(WHY)));
                add(Event.newBuilder().setContainerRemoveIntended(remove));
                add(Event.newBuilder().setContainerExited(exit.setExitCode(137)));
                add(Event.newBuilder().setContainerRemoved(ContainerRemoved.newBuilder().setContainerId(id)));
            }
            default -> {
                for (String exec : List.of("well", "badly", "open")) {
                    add(Event.newBuilder().setExecIntended(ExecIntended.newBuilder().setExecId(Ids.of(exec)).setContainerId(id).addCommand("true")
                            .setTimeoutMillis(1000)));
                }
                add(Event.newBuilder().setExecFinished(ExecFinished.newBuilder().setExecId(Ids.of("well")).setExitCode(1)));
                add(Event.newBuilder().setExecFailed(ExecFailed.newBuilder().setExecId(Ids.of("badly")).setCause(WHY)));
            }
        }
    }

    private void resolutions() {
        String subject = Ids.of("c-starting");
        add(Event.newBuilder().setInDoubtAdopted(InDoubtAdopted.newBuilder().setIntent(9).setSubject(subject).setEvidence(SEEN)));
        add(Event.newBuilder().setInDoubtRedone(InDoubtRedone.newBuilder().setIntent(9).setSubject(subject).setEvidence(SEEN)));
        add(Event.newBuilder().setInDoubtCompensated(InDoubtCompensated.newBuilder().setIntent(9).setSubject(subject).setEvidence(SEEN)));
        add(Event.newBuilder().setOrphanReaped(OrphanReaped.newBuilder().setKind("container").setId(Ids.of("orphan")).setDetail("runc")));
    }

    private void retention() {
        var hash = ByteString.copyFrom(new byte[32]);
        add(Event.newBuilder().setSnapshotTaken(SnapshotTaken.newBuilder().setAppliedSequence(events.size()).setHead(hash).setRowsHash(hash)
                .setRows(12).setSizeBytes(4096)));
        add(Event.newBuilder().setEpochRetired(EpochRetired.newBuilder().setEpoch(1).setLastSequence(5).setLastHead(hash)
                .setReason(EpochRetired.Reason.SIZE).setSizeBytes(1 << 20)));
    }

    private void limits(String sandbox) {
        var limits = LinuxContainerResources.newBuilder().setCpuShares(512).setMemoryLimitInBytes(1 << 20).build();
        add(Event.newBuilder().setRuntimeConfigUpdated(RuntimeConfigUpdated.newBuilder().setPodCidr("10.88.0.0/16,fd00::/64")));
        add(Event.newBuilder().setSandboxResourcesUpdated(SandboxResourcesUpdated.newBuilder().setSandboxId(sandbox).setOverhead(limits)
                .setResources(limits)));
        var update = ContainerUpdateIntended.newBuilder().setContainerId(Ids.of("c-running")).setResources(limits);
        add(Event.newBuilder().setContainerUpdateIntended(update));
        add(Event.newBuilder().setContainerUpdateFailed(ContainerUpdateFailed.newBuilder().setContainerId(Ids.of("c-running")).setCause(WHY)));
        add(Event.newBuilder().setContainerUpdateIntended(update));
        add(Event.newBuilder().setContainerUpdated(ContainerUpdated.newBuilder().setContainerId(Ids.of("c-running")).addClamps("memory.swap")));
        add(Event.newBuilder().setContainerUpdateIntended(update.setContainerId(Ids.of("c-created"))));
    }

    private void streams(String sandbox) {
        String container = Ids.of("c-running");
        add(Event.newBuilder().setExecIntended(ExecIntended.newBuilder().setExecId(Ids.of("shell")).setContainerId(container).addCommand("sh")
                .setStreaming(true).setTty(true).setStdin(true)));
        add(Event.newBuilder().setAttachBegun(AttachBegun.newBuilder().setContainerId(container).setStdin(true).setStdout(true)
                .setStderr(true).setTty(true)));
        add(Event.newBuilder().setAttachEnded(AttachEnded.newBuilder().setContainerId(container)));
        add(Event.newBuilder().setPortForwardBegun(PortForwardBegun.newBuilder().setSandboxId(sandbox).addPorts(80)));
        add(Event.newBuilder().setPortForwardEnded(PortForwardEnded.newBuilder().setSandboxId(sandbox).addPorts(80).setConnections(2)));
        add(Event.newBuilder().setExecFinished(ExecFinished.newBuilder().setExecId(Ids.of("shell")).setExitCode(130)));
    }

    private void network() {
        add(Event.newBuilder().setNetworkReadyChanged(NetworkReadyChanged.newBuilder().setReason("no network configuration")));
        add(Event.newBuilder().setNetworkConfigured(NetworkConfigured.newBuilder().setPath("/etc/cni/net.d/10-cairn.conflist")
                .setTemplate("/etc/cairn/cni.template").setFailure(WHY)));
        add(Event.newBuilder().setNetworkReadyChanged(NetworkReadyChanged.newBuilder().setReady(true).setNetwork("pods")
                .setSource("/etc/cni/net.d/10-cairn.conflist")));
    }

    private void checkpoints(String sandbox) {
        String running = Ids.of("c-running");
        var checkpoint = ContainerCheckpointIntended.newBuilder().setContainerId(running).setLocation("/archives/running.tar").setTimeoutMillis(9);
        add(Event.newBuilder().setContainerCheckpointIntended(checkpoint));
        add(Event.newBuilder().setContainerCheckpointFailed(ContainerCheckpointFailed.newBuilder().setContainerId(running).setCause(WHY)));
        add(Event.newBuilder().setContainerCheckpointIntended(checkpoint));
        add(Event.newBuilder().setContainerCheckpointed(ContainerCheckpointed.newBuilder().setContainerId(running).setSizeBytes(1 << 20)));
        String restored = Ids.of("c-restored");
        add(Event.newBuilder().setContainerCreateIntended(ContainerCreateIntended.newBuilder().setContainerId(restored).setSandboxId(sandbox)
                .setConfig(Configs.container("restored", 0, "app", "sleep")).setImageId(Ids.image("app")).setStopSignal(15)
                .setCheckpoint("/archives/running.tar")));
        add(Event.newBuilder().setContainerCreated(ContainerCreated.newBuilder().setContainerId(restored)));
        add(Event.newBuilder().setContainerStartIntended(ContainerStartIntended.newBuilder().setContainerId(restored)));
        add(Event.newBuilder().setContainerStarted(ContainerStarted.newBuilder().setContainerId(restored).setPid(4243)
                .setStartedAtNanos(TestClock.START_NANOS + 6).setRestoredFrom("/archives/running.tar")));
        add(Event.newBuilder().setContainerCheckpointIntended(checkpoint.setContainerId(restored)));
    }

    private void add(Event.Builder draft) {
        long sequence = events.size() + 1;
        events.add(draft.setSequence(sequence).setEpoch(epoch).setVersion(1).setWallTimeNanos(TestClock.START_NANOS + sequence * 1_000_000)
                .setMonotonicNanos(sequence * 1_000_000).setCorrelationId("00000000deadbeef").setCausation(sequence - 1).setDriver("runc")
                .setPeer(Peer.newBuilder().setPid(1).setUid(2).setGid(3).setExecutable("/usr/bin/kubelet")).build());
    }

    // ---- a state in words; what is added to the domain later is added here only when an old journal gives it a value

    static String text(State state) {
        var lines = new ArrayList<String>();
        lines.add("epoch %d boot %s".formatted(state.epoch(), state.bootId()));
        state.network().forEach(n -> lines.add("network {%s}".formatted(text(n))));
        state.sandboxes().values().toSortedSet((a, b) -> a.id().compareTo(b.id())).forEach(s -> lines.add(text(s)));
        state.containers().values().toSortedSet((a, b) -> a.id().compareTo(b.id())).forEach(c -> lines.add(text(c)));
        state.images().values().toSortedSet((a, b) -> a.id().compareTo(b.id())).forEach(i -> lines.add(text(i)));
        state.execs().values().forEach(e -> lines.add("exec %s in %s intent %d".formatted(e.id(), e.containerId(), e.intent())));
        state.pulls().values().forEach(p -> lines.add("pull %s of %s by %s intent %d".formatted(p.id(), p.reference(), p.driver(), p.intent())));
        return String.join("\n", lines) + "\n";
    }

    private static String text(Sandbox s) {
        String limits = s.resources().map(r -> " limits {%s}".formatted(text(r))).getOrElse("");
        return "sandbox %s %s %s handler %s driver %s created %d netns %s ips %s boot %s config {%s}".formatted(s.id(), s.phase(), text(s.pending()),
                s.runtimeHandler(), s.driver(), s.createdAtNanos(), s.networkNamespace().getOrElse("-"), s.ips().mkString(","), s.bootId(),
                text(s.config())) + limits;
    }

    private static String text(Container c) {
        boolean changed = !c.resources().equals(c.config().getLinux().getResources());
        String limits = (changed ? " limits {%s}".formatted(text(c.resources())) : "")
                + c.resourcesAsked().map(asked -> " asked limits {%s}".formatted(text(asked))).getOrElse("")
                + (c.checkpoint().isEmpty() ? "" : " checkpoint " + c.checkpoint());
        return "container %s %s %s in %s image %s signal %d created %d started %d pid %d deadline %d user {%s} exit {%s} never ran {%s} config {%s}"
                .formatted(c.id(), c.phase(), text(c.pending()), c.sandboxId(), c.imageId(), c.stopSignal(), c.createdAtNanos(), c.startedAtNanos(),
                        c.pid(), c.stopDeadlineMillis(), text(c.user()), c.exit().map(GoldenJournal::text).getOrElse("-"),
                        c.neverRan().map(n -> text(n.cause()) + " at " + n.foundAtNanos()).getOrElse("-"), text(c.config())) + limits;
    }

    private static String text(Image i) {
        return "image %s %s tags %s digests %s size %d user %s signal %d driver %s".formatted(i.id(), text(i.pending()), i.repoTags().mkString(","),
                i.repoDigests().mkString(","), i.sizeBytes(), i.user(), i.stopSignal(), i.driver());
    }

    private static String text(Option<Pending> pending) {
        return pending.map(p -> p.kind() + " since " + p.intent()).getOrElse("idle");
    }

    /** Map fields in the order of their keys, so that the text does not depend on the library. */
    private static String text(Message message) {
        return TextFormat.printer().emittingSingleLine(true).printToString(message).strip();
    }
}
