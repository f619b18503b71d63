package io.cairn.network;

import io.vavr.control.Option;

/** Steps of which each is tried, however the others went; the first failure is raised in the end and carries the rest. */
final class Failures {
    private Option<NetworkException> first = Option.none();

    interface Step {
        void run() throws NetworkException;
    }

    void note(Step step) {
        try {
            step.run();
        } catch (NetworkException e) {
            first.forEach(f -> f.addSuppressed(e));
            first = first.orElse(Option.some(e));
        }
    }

    Option<NetworkException> first() {
        return first;
    }

    void raise() throws NetworkException {
        if (first.isDefined()) {
            throw first.get();
        }
    }
}
