package io.cairn.core.driver;

/** Where a driver reports what happens by itself. Does not block for long and does not throw. */
public interface ObservationSink {
    void exited(String containerId, ExitReport report);
}
