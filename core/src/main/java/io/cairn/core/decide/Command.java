package io.cairn.core.decide;

import io.cairn.proto.cri.ContainerConfig;
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

    /**
     * @param imageId id of an image the sandbox's driver holds
     * @param stopSignal number of the signal that asks the container to end
     */
    record CreateContainer(String newId, String sandboxId, ContainerConfig config, String imageId, int stopSignal)
            implements OfContainer {}

    record StartContainer(String id) implements OfContainer {}

    record StopContainer(String id, long graceMillis) implements OfContainer {}

    record RemoveContainer(String id) implements OfContainer {}

    /** @param timeoutMillis 0 for no limit */
    record ExecInContainer(String newId, String containerId, Vector<String> command, long timeoutMillis) implements OfContainer {}

    /** @param reference canonical */
    record PullImage(String newId, String reference, String driver) implements OfImage {}

    record RemoveImage(String id) implements OfImage {}

    /** What came of an intent: appended as it is, whatever else has happened meanwhile. */
    record Conclude(Event draft) implements Command {}

    /** The world changed by itself, says a driver. Dropped when the state knows it already or knows nothing of the subject. */
    record Observe(Event draft) implements Command {}

    /** The runtime's own life and the settling of doubts. */
    record Note(Event draft) implements Command {}
}
