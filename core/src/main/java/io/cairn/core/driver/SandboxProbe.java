package io.cairn.core.driver;

/** What the backend really holds of a sandbox. */
public sealed interface SandboxProbe {
    /** Nothing at all. */
    record Absent() implements SandboxProbe {}

    /** Its ground is whole. */
    record Whole(SandboxGround ground) implements SandboxProbe {}

    /** Something is there, but not all of it. */
    record Partial(String what) implements SandboxProbe {}
}
