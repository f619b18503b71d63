package io.cairn.core.driver;

/** Where a driver reports what happens by itself. Does not block for long and does not throw. */
public interface ObservationSink {
    void exited(String containerId, ExitReport report);

    /**
     * The ground of a sandbox is no longer whole, and nobody has asked for that; may be told more than once. Of no interest to who only wants exits.
     *
     * @param detail what is missing, for people
     */
    default void sandboxVanished(String sandboxId, String detail) {}
}
