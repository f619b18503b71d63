package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.proto.cri.ContainerResources;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.Int64Value;
import io.cairn.proto.cri.LinuxPodSandboxStatus;
import io.cairn.proto.cri.Namespace;
import io.cairn.proto.cri.PodIP;
import io.cairn.proto.cri.PodSandbox;
import io.cairn.proto.cri.PodSandboxNetworkStatus;
import io.cairn.proto.cri.PodSandboxState;
import io.cairn.proto.journal.ContainerExited;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/** From the state to what clients are shown. */
final class Replies {
    /** What other runtimes show for a container whose program could not be started. */
    private static final int NOT_STARTED_CODE = 128;
    /** CRI has no way to say "not known"; a number no program is likely to mean, with the reason beside it. */
    private static final int UNKNOWN_CODE = 255;
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");

    private Replies() {}

    static PodSandbox sandbox(Sandbox s) {
        return PodSandbox.newBuilder().setId(s.id()).setMetadata(s.config().getMetadata()).setState(state(s))
                .setCreatedAt(s.createdAtNanos()).putAllLabels(s.config().getLabelsMap())
                .putAllAnnotations(s.config().getAnnotationsMap()).setRuntimeHandler(s.runtimeHandler()).build();
    }

    static io.cairn.proto.cri.PodSandboxStatus sandboxStatus(Sandbox s) {
        var status = io.cairn.proto.cri.PodSandboxStatus.newBuilder().setId(s.id()).setMetadata(s.config().getMetadata())
                .setState(state(s)).setCreatedAt(s.createdAtNanos()).putAllLabels(s.config().getLabelsMap())
                .putAllAnnotations(s.config().getAnnotationsMap()).setRuntimeHandler(s.runtimeHandler()).setNetwork(network(s))
                .setLinux(LinuxPodSandboxStatus.newBuilder().setNamespaces(Namespace.newBuilder().setOptions(s.namespaces())));
        return status.build();
    }

    static io.cairn.proto.cri.Container container(State state, Container c) {
        return io.cairn.proto.cri.Container.newBuilder().setId(c.id()).setPodSandboxId(c.sandboxId())
                .setMetadata(c.config().getMetadata()).setImage(c.config().getImage()).setImageRef(c.imageId()).setImageId(c.imageId())
                .setState(state(c)).setCreatedAt(c.createdAtNanos()).putAllLabels(c.config().getLabelsMap())
                .putAllAnnotations(c.config().getAnnotationsMap()).build();
    }

    static io.cairn.proto.cri.ContainerStatus containerStatus(State state, Container c) {
        Option<Image> image = state.images().get(c.imageId());
        var status = io.cairn.proto.cri.ContainerStatus.newBuilder().setId(c.id()).setMetadata(c.config().getMetadata())
                .setState(state(c)).setCreatedAt(c.createdAtNanos()).setStartedAt(c.startedAtNanos())
                .setImage(shownImage(c, image)).setImageId(c.imageId())
                .setImageRef(image.flatMap(i -> i.repoDigests().headOption()).getOrElse(c.imageId()))
                .putAllLabels(c.config().getLabelsMap()).putAllAnnotations(c.config().getAnnotationsMap())
                .addAllMounts(c.config().getMountsList()).setLogPath(logPath(state, c)).setUser(c.user())
                .setStopSignal(Signals.named(c.stopSignal()))
                .setResources(ContainerResources.newBuilder().setLinux(c.resources()));
        if (c.phase() == Container.Phase.EXITED) {
            c.neverRan().forEach(n -> status.setExitCode(NOT_STARTED_CODE).setReason("StartError").setMessage(n.cause().getMessage())
                    .setFinishedAt(n.foundAtNanos()));
            c.exit().forEach(exit -> end(status, exit));
        }
        return status.build();
    }

    static ContainerState state(Container c) {
        return switch (c.phase()) {
            case CREATING, CREATED -> ContainerState.CONTAINER_CREATED;
            case RUNNING -> ContainerState.CONTAINER_RUNNING;
            case EXITED -> ContainerState.CONTAINER_EXITED;
        };
    }

    /** @param pinned canonical references of images the kubelet must not remove */
    static io.cairn.proto.cri.Image image(Image i, Set<String> pinned) {
        String name = i.user().split(":", 2)[0];
        var image = io.cairn.proto.cri.Image.newBuilder().setId(i.id()).addAllRepoTags(i.repoTags()).addAllRepoDigests(i.repoDigests())
                .setSize(i.sizeBytes()).setPinned(i.repoTags().addAll(i.repoDigests()).exists(pinned::contains));
        // The kubelet needs to tell a numeric user from a name to enforce runAsNonRoot.
        if (DIGITS.matcher(name).matches()) {
            image.setUid(Int64Value.newBuilder().setValue(Long.parseLong(name)));
        } else {
            image.setUsername(name);
        }
        return image.build();
    }

    private static void end(io.cairn.proto.cri.ContainerStatus.Builder status, ContainerExited exit) {
        status.setFinishedAt(exit.getFinishedNotAfterNanos()).setExitCode(exit.hasExitCode() ? exit.getExitCode() : UNKNOWN_CODE);
        if (!exit.hasExitCode()) {
            status.setReason("ExitCodeUnknown").setMessage(unseen(exit));
        } else if (exit.getOomKilled()) {
            status.setReason("OOMKilled");
        } else {
            status.setReason(exit.getExitCode() == 0 ? "Completed" : "Error");
        }
    }

    private static String unseen(ContainerExited exit) {
        var window = Duration.ofNanos(exit.getFinishedNotAfterNanos() - exit.getFinishedNotBeforeNanos());
        return "nobody saw how it ended; it was last known alive %.3f s before it was found gone (%s: %s)".formatted(
                window.toMillis() / 1000.0, exit.getEvidence().getWitness(), exit.getEvidence().getDetail());
    }

    private static ImageSpec shownImage(Container c, Option<Image> image) {
        String asked = c.config().getImage().getUserSpecifiedImage().isEmpty()
                ? c.config().getImage().getImage()
                : c.config().getImage().getUserSpecifiedImage();
        String shown = image.flatMap(i -> i.repoTags().headOption().orElse(() -> i.repoDigests().headOption())).getOrElse(asked);
        return c.config().getImage().toBuilder().setImage(shown).build();
    }

    static String logPath(State state, Container c) {
        String directory = state.sandbox(c.sandboxId()).map(s -> s.config().getLogDirectory()).getOrElse("");
        return directory.isEmpty() || c.config().getLogPath().isEmpty() ? "" : Path.of(directory, c.config().getLogPath()).toString();
    }

    private static PodSandboxState state(Sandbox s) {
        return s.isReady() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
    }

    /** A pod that is not ready has no network any more, whatever addresses it had. */
    private static PodSandboxNetworkStatus network(Sandbox s) {
        var network = PodSandboxNetworkStatus.newBuilder();
        if (s.isReady() && s.ips().nonEmpty()) {
            network.setIp(s.ips().head());
            s.ips().tail().forEach(ip -> network.addAdditionalIps(PodIP.newBuilder().setIp(ip)));
        }
        return network.build();
    }
}
