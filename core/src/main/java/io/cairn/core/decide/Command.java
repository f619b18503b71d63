package io.cairn.core.decide;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;

/** What somebody wants of the runtime. Every id that could be needed comes in with the command. */
public sealed interface Command {
    /** Commands about one sandbox. */
    sealed interface OfSandbox extends Command {}

    /** Commands about one container. */
    sealed interface OfContainer extends Command {}

    /** Commands about images. */
    sealed interface OfImage extends Command {}

    record RunSandbox(String newId, PodSandboxConfig config, String runtimeHandler, String driver) implements OfSandbox {}

    record StopSandbox(String id) implements OfSandbox {}

    record RemoveSandbox(String id) implements OfSandbox {}

    /** The kubelet has set new limits for the pod as a whole. */
    record UpdateSandbox(String id, LinuxContainerResources overhead, LinuxContainerResources resources) implements OfSandbox {}

    /**
     * @param imageId id of an image the sandbox's driver holds
     * @param stopSignal number of the signal that asks the container to end
     * @param checkpoint path of an archive, or id of an image, with processes that are to go on in it; empty for none
     */
    record CreateContainer(String newId, String sandboxId, ContainerConfig config, String imageId, int stopSignal, String checkpoint)
            implements OfContainer {
        /** One whose program begins anew. */
        public CreateContainer(String newId, String sandboxId, ContainerConfig config, String imageId, int stopSignal) {
            this(newId, sandboxId, config, imageId, stopSignal, "");
        }
    }

    record StartContainer(String id) implements OfContainer {}

    record StopContainer(String id, long graceMillis) implements OfContainer {}

    record RemoveContainer(String id) implements OfContainer {}

    /** @param changes what is not 0 and not empty shall be otherwise than it is */
    record UpdateContainer(String id, LinuxContainerResources changes) implements OfContainer {}

    /**
     * @param location of the archive to be written
     * @param timeoutMillis 0 for no limit but the driver's own
     */
    record CheckpointContainer(String id, String location, long timeoutMillis) implements OfContainer {}

    /** @param timeoutMillis 0 for no limit */
    record ExecInContainer(String newId, String containerId, Vector<String> command, long timeoutMillis) implements OfContainer {}

    /** A command that a client is connected to. */
    record OpenExec(String newId, String containerId, Vector<String> command, boolean tty, boolean stdin) implements OfContainer {}

    /** A client connects to the container's main process. */
    record AttachToContainer(String containerId, boolean stdin, boolean stdout, boolean stderr, boolean tty) implements OfContainer {}

    /** A client connects to ports of the pod. */
    record ForwardPorts(String id, Vector<Integer> ports) implements OfSandbox {}

    /** @param reference canonical */
    record PullImage(String newId, String reference, String driver) implements OfImage {}

    record RemoveImage(String id) implements OfImage {}

    /** @param podCidr address ranges of the node's pods, separated by commas */
    record UpdateRuntimeConfig(String podCidr) implements Command {}

    /** What came of an intent: appended as it is, whatever else has happened meanwhile. */
    record Conclude(Event draft) implements Command {}

    /** The world changed by itself, says a driver. Dropped when the state knows it already or knows nothing of the subject. */
    record Observe(Event draft) implements Command {}

    /** The runtime's own life and the settling of doubts. */
    record Note(Event draft) implements Command {}
}
