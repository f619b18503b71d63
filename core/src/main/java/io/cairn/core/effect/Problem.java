package io.cairn.core.effect;

import io.cairn.core.decide.Rejection;
import io.cairn.proto.journal.Failure;

/** Why an operation did not do what it was asked. */
public sealed interface Problem {
    /** It was not begun; nothing has changed. */
    record Refused(Rejection rejection) implements Problem {}

    /** It was tried and failed; the journal holds the failure. */
    record Failed(Failure failure) implements Problem {}
}
