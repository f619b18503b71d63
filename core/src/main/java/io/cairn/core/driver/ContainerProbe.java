package io.cairn.core.driver;

/** What the backend really holds of a container. */
public sealed interface ContainerProbe {
    /** Nothing at all. */
    record Absent() implements ContainerProbe {}

    /** Something is there, but it cannot be started. */
    record Partial(String what) implements ContainerProbe {}

    /** Ready to start; the program has not run. */
    record Created() implements ContainerProbe {}

    record Running(StartedContainer started) implements ContainerProbe {}

    /** The program has run; {@code started} may be unknown to the backend and is then (0, 0). */
    record Exited(StartedContainer started, ExitReport report) implements ContainerProbe {}
}
