package io.cairn.core.text;

import com.google.protobuf.TextFormat;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.journal.ContainerExited;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ExecIntended;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.NetworkConfigured;
import io.cairn.proto.journal.NetworkReadyChanged;
import io.cairn.proto.journal.PortForwardEnded;
import io.vavr.control.Option;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An event in words.
 *
 * @param sandboxId of the pod it belongs to, where it belongs to one
 * @param containerId of the container it belongs to, where it belongs to one
 * @param what a sentence without names; environment and command lines are not in it
 */
public record EventText(Option<String> sandboxId, Option<String> containerId, String what) {
    private static final int ID_SHOWN = 12;

    public static EventText of(Event event, Names names) {
        return switch (event.getBodyCase()) {
            case EPOCH_OPENED -> about("epoch %d opened; the one before was %s".formatted(event.getEpochOpened().getEpoch(),
                    event.getEpochOpened().getPreviousLastSequence() == 0 ? "none" : event.getEpochOpened().getPreviousTail()));
            case DRIVER_BOUND -> about("driver " + event.getDriverBound().getDriver() + " bound: " + event.getDriverBound().getDetail());

            case SNAPSHOT_TAKEN -> about("snapshot taken: %d rows, %d bytes, up to event %d".formatted(event.getSnapshotTaken().getRows(),
                    event.getSnapshotTaken().getSizeBytes(), event.getSnapshotTaken().getAppliedSequence()));
            case EPOCH_RETIRED -> about("epoch %d retired for its %s: events up to %d are gone".formatted(event.getEpochRetired().getEpoch(),
                    event.getEpochRetired().getReason().name().toLowerCase(java.util.Locale.ROOT), event.getEpochRetired().getLastSequence()));
            case RUNTIME_CONFIG_UPDATED -> about("the kubelet says that pods have addresses of "
                    + (event.getRuntimeConfigUpdated().getPodCidr().isEmpty() ? "no range" : event.getRuntimeConfigUpdated().getPodCidr()));
            case NETWORK_CONFIGURED -> about(configured(event.getNetworkConfigured()));
            case NETWORK_READY_CHANGED -> about(readiness(event.getNetworkReadyChanged()));

            case SANDBOX_RUN_INTENDED -> pod(event.getSandboxRunIntended().getSandboxId(), "pod is to be run");
            case SANDBOX_RAN -> pod(event.getSandboxRan().getSandboxId(), "pod is ready" + addresses(event));
            case SANDBOX_RUN_FAILED -> pod(event.getSandboxRunFailed().getSandboxId(), "pod could not be run: "
                    + words(event.getSandboxRunFailed().getCause()) + left(event.getSandboxRunFailed().hasLeftBehind(),
                            event.getSandboxRunFailed().getLeftBehind()));
            case SANDBOX_STOP_INTENDED -> pod(event.getSandboxStopIntended().getSandboxId(), "pod is to be stopped");
            case SANDBOX_STOPPED -> pod(event.getSandboxStopped().getSandboxId(), "pod is stopped");
            case SANDBOX_STOP_FAILED -> pod(event.getSandboxStopFailed().getSandboxId(),
                    "pod could not be stopped: " + words(event.getSandboxStopFailed().getCause()));
            case SANDBOX_REMOVE_INTENDED -> pod(event.getSandboxRemoveIntended().getSandboxId(), "pod is to be removed");
            case SANDBOX_REMOVED -> pod(event.getSandboxRemoved().getSandboxId(), "pod is removed");
            case SANDBOX_REMOVE_FAILED -> pod(event.getSandboxRemoveFailed().getSandboxId(),
                    "pod could not be removed: " + words(event.getSandboxRemoveFailed().getCause()));
            case SANDBOX_VANISHED -> pod(event.getSandboxVanished().getSandboxId(),
                    "pod has lost its ground: " + event.getSandboxVanished().getEvidence().getDetail());

            case SANDBOX_RESOURCES_UPDATED -> pod(event.getSandboxResourcesUpdated().getSandboxId(),
                    "pod has these limits: " + words(event.getSandboxResourcesUpdated().getResources()));

            case CONTAINER_CREATE_INTENDED -> container(event.getContainerCreateIntended().getContainerId(), names,
                    "container is to be created from image " + shortId(event.getContainerCreateIntended().getImageId())
                            + from(", and to go on from the checkpoint ", event.getContainerCreateIntended().getCheckpoint()));
            case CONTAINER_CREATED -> container(event.getContainerCreated().getContainerId(), names, "container is created" + clamps(event));
            case CONTAINER_CREATE_FAILED -> container(event.getContainerCreateFailed().getContainerId(), names,
                    "container could not be created: " + words(event.getContainerCreateFailed().getCause())
                            + left(event.getContainerCreateFailed().hasLeftBehind(), event.getContainerCreateFailed().getLeftBehind()));
            case CONTAINER_START_INTENDED -> container(event.getContainerStartIntended().getContainerId(), names, "container is to be started");
            case CONTAINER_STARTED -> container(event.getContainerStarted().getContainerId(), names,
                    "container runs as process " + event.getContainerStarted().getPid()
                            + from(", restored from the checkpoint ", event.getContainerStarted().getRestoredFrom()));
            case CONTAINER_START_FAILED -> container(event.getContainerStartFailed().getContainerId(), names,
                    "container could not be started: " + words(event.getContainerStartFailed().getCause()));
            case CONTAINER_STOP_INTENDED -> container(event.getContainerStopIntended().getContainerId(), names,
                    "container is to be stopped by signal %d, with %d ms of grace".formatted(event.getContainerStopIntended().getSignal(),
                            event.getContainerStopIntended().getGraceMillis()));
            case CONTAINER_STOP_FINISHED -> container(event.getContainerStopFinished().getContainerId(), names,
                    event.getContainerStopFinished().hasFailure()
                            ? "container could not be stopped: " + words(event.getContainerStopFinished().getFailure())
                            : "container is stopped");
            case CONTAINER_REMOVE_INTENDED -> container(event.getContainerRemoveIntended().getContainerId(), names, "container is to be removed");
            case CONTAINER_REMOVED -> container(event.getContainerRemoved().getContainerId(), names, "container is removed");
            case CONTAINER_REMOVE_FAILED -> container(event.getContainerRemoveFailed().getContainerId(), names,
                    "container could not be removed: " + words(event.getContainerRemoveFailed().getCause()));
            case CONTAINER_UPDATE_INTENDED -> container(event.getContainerUpdateIntended().getContainerId(), names,
                    "container is to have these limits: " + words(event.getContainerUpdateIntended().getResources()));
            case CONTAINER_UPDATED -> container(event.getContainerUpdated().getContainerId(), names,
                    "container has its new limits" + notAsAsked(event.getContainerUpdated().getClampsList()));
            case CONTAINER_UPDATE_FAILED -> container(event.getContainerUpdateFailed().getContainerId(), names,
                    "container keeps its limits: " + words(event.getContainerUpdateFailed().getCause()));
            case CONTAINER_CHECKPOINT_INTENDED -> container(event.getContainerCheckpointIntended().getContainerId(), names,
                    "container is to be written into the archive " + event.getContainerCheckpointIntended().getLocation());
            case CONTAINER_CHECKPOINTED -> container(event.getContainerCheckpointed().getContainerId(), names,
                    "container is in the archive, which has %d bytes, and runs on".formatted(event.getContainerCheckpointed().getSizeBytes()));
            case CONTAINER_CHECKPOINT_FAILED -> container(event.getContainerCheckpointFailed().getContainerId(), names,
                    "container could not be written into an archive: " + words(event.getContainerCheckpointFailed().getCause()));
            case CONTAINER_EXITED -> container(event.getContainerExited().getContainerId(), names, exit(event.getContainerExited()));

            case EXEC_INTENDED -> container(event.getExecIntended().getContainerId(), names, execIntended(event.getExecIntended()));
            case EXEC_FINISHED -> exec(event.getExecFinished().getExecId(), names,
                    "the command ended with code " + event.getExecFinished().getExitCode());
            case EXEC_FAILED -> exec(event.getExecFailed().getExecId(), names,
                    "the command failed: " + words(event.getExecFailed().getCause()));

            case ATTACH_BEGUN -> container(event.getAttachBegun().getContainerId(), names,
                    "a client attaches to the container" + (event.getAttachBegun().getStdin() ? ", and may write to it" : ""));
            case ATTACH_ENDED -> container(event.getAttachEnded().getContainerId(), names, "the client is attached no more");
            case PORT_FORWARD_BEGUN -> pod(event.getPortForwardBegun().getSandboxId(), "a client is let to the pod's ports");
            case PORT_FORWARD_ENDED -> pod(event.getPortForwardEnded().getSandboxId(), "the client has left the pod's ports: "
                    + event.getPortForwardEnded().getConnections() + " connections" + ports(event.getPortForwardEnded()));

            case IMAGE_PULL_INTENDED -> about("image " + event.getImagePullIntended().getReference() + " is to be pulled");
            case IMAGE_PULLED -> about("image %s is here as %s".formatted(event.getImagePulled().getRepoTag().isEmpty()
                    ? event.getImagePulled().getRepoDigest() : event.getImagePulled().getRepoTag(), shortId(event.getImagePulled().getImageId())));
            case IMAGE_PULL_FAILED -> about("the pull failed: " + words(event.getImagePullFailed().getCause()));
            case IMAGE_REMOVE_INTENDED -> about("image " + shortId(event.getImageRemoveIntended().getImageId()) + " is to be removed");
            case IMAGE_REMOVED -> about("image " + shortId(event.getImageRemoved().getImageId()) + " is removed");
            case IMAGE_REMOVE_FAILED -> about("image " + shortId(event.getImageRemoveFailed().getImageId()) + " could not be removed: "
                    + words(event.getImageRemoveFailed().getCause()));

            case IN_DOUBT_ADOPTED -> named(event.getInDoubtAdopted().getSubject(), names, "doubt about event %d settled: it had worked (%s)"
                    .formatted(event.getInDoubtAdopted().getIntent(), event.getInDoubtAdopted().getEvidence().getDetail()));
            case IN_DOUBT_REDONE -> named(event.getInDoubtRedone().getSubject(), names, "doubt about event %d settled: it is done again (%s)"
                    .formatted(event.getInDoubtRedone().getIntent(), event.getInDoubtRedone().getEvidence().getDetail()));
            case IN_DOUBT_COMPENSATED -> named(event.getInDoubtCompensated().getSubject(), names,
                    "doubt about event %d settled: it is undone (%s)".formatted(event.getInDoubtCompensated().getIntent(),
                            event.getInDoubtCompensated().getEvidence().getDetail()));
            case ORPHAN_REAPED -> named(event.getOrphanReaped().getId(), names,
                    "%s %s belonged to nothing and is gone".formatted(event.getOrphanReaped().getKind(), shortId(event.getOrphanReaped().getId())));
            case CALL_SERVED -> about("%s %s: %s in %.1f ms%s".formatted(event.getCallServed().getMethod(),
                    shortId(event.getCallServed().getSubject()), event.getCallServed().getStatus(),
                    event.getCallServed().getLatencyNanos() / 1e6,
                    event.getCallServed().getDetail().isEmpty() ? "" : ": " + event.getCallServed().getDetail()));
            case BODY_NOT_SET -> about("an event of a kind this cairn does not know");
        };
    }

    /** Ids are shown as crictl shows them; what is no id stays as it is. */
    public static String shortId(String id) {
        String hex = id.startsWith("sha256:") ? id.substring(7) : id;
        return hex.length() == 64 ? hex.substring(0, ID_SHOWN) : id;
    }

    private static EventText about(String what) {
        return new EventText(Option.none(), Option.none(), what);
    }

    private static EventText pod(String sandboxId, String what) {
        return new EventText(Option.some(sandboxId), Option.none(), what);
    }

    private static EventText container(String containerId, Names names, String what) {
        return new EventText(names.containers().get(containerId).map(Names.Contained::sandboxId), Option.some(containerId), what);
    }

    private static EventText exec(String execId, Names names, String what) {
        return names.execs().get(execId).map(c -> container(c, names, what)).getOrElse(() -> about(what));
    }

    private static EventText named(String id, Names names, String what) {
        return names.containers().containsKey(id) ? container(id, names, what) : names.pods().containsKey(id) ? pod(id, what) : about(what);
    }

    private static String words(Failure failure) {
        return failure.getMessage();
    }

    private static String configured(NetworkConfigured configured) {
        return configured.hasFailure()
                ? "%s could not be made from %s: %s".formatted(configured.getPath(), configured.getTemplate(), words(configured.getFailure()))
                : "%s is made from %s".formatted(configured.getPath(), configured.getTemplate());
    }

    private static String readiness(NetworkReadyChanged network) {
        return network.getReady() ? "the network is ready: %s, as %s says".formatted(network.getNetwork(), network.getSource())
                : "the network is not ready: " + network.getReason();
    }

    private static String from(String words, String checkpoint) {
        return checkpoint.isEmpty() ? "" : words + shortId(checkpoint);
    }

    private static String left(boolean present, Failure failure) {
        return present ? "; and undoing it failed: " + failure.getMessage() : "";
    }

    private static String addresses(Event event) {
        var ips = event.getSandboxRan().getIpsList();
        return ips.isEmpty() ? " in the host's network" : " at " + String.join(", ", ips);
    }

    private static String words(LinuxContainerResources limits) {
        return TextFormat.printer().emittingSingleLine(true).printToString(limits).strip();
    }

    private static String clamps(Event event) {
        return notAsAsked(event.getContainerCreated().getClampsList());
    }

    private static String notAsAsked(List<String> clamps) {
        return clamps.isEmpty() ? "" : "; not as asked: " + String.join("; ", clamps);
    }

    private static String execIntended(ExecIntended exec) {
        return "a command is to be run in the container" + (exec.getStreaming() ? exec.getTty() ? " for a client, with a terminal"
                : " for a client" : "");
    }

    private static String ports(PortForwardEnded forward) {
        return forward.getPortsCount() == 0 ? "" : " to "
                + forward.getPortsList().stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String exit(ContainerExited exit) {
        String how = exit.hasExitCode() ? "exited with code " + exit.getExitCode() : "has ended, nobody saw how";
        String why = exit.getOomKilled() ? ", killed for want of memory" : "";
        return "container %s%s (%s: %s)".formatted(how, why, exit.getEvidence().getWitness(), exit.getEvidence().getDetail());
    }
}
