package io.cairn.oci;

/** Why no spec was built. Nothing was changed; each kind has its own answer to the caller. */
public sealed interface SpecProblem {
    /** One sentence: what was asked, what is wrong with it, what would be right. */
    String message();

    /** The request contradicts the CRI or itself: gRPC's INVALID_ARGUMENT. */
    record InvalidRequest(String message) implements SpecProblem {}

    /** The image lacks what is needed (no command, no such user): the request may be right for another image. */
    record InvalidImage(String message) implements SpecProblem {}

    /** This node cannot do what was asked (a security module that is off, a kernel too old). */
    record HostLacks(String message) implements SpecProblem {}
}
