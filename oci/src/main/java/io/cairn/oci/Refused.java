package io.cairn.oci;

import io.vavr.control.Either;

/** Carries a problem out of the depth of a builder to the public method that answers with an Either. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient SpecProblem problem;

    private Refused(SpecProblem problem) {
        super(problem.message(), null, false, false);
        this.problem = problem;
    }

    interface Step<T> {
        T run() throws Refused;
    }

    static <T> Either<SpecProblem, T> catching(Step<T> step) {
        try {
            return Either.right(step.run());
        } catch (Refused refused) {
            return Either.left(refused.problem);
        }
    }

    static Refused request(String format, Object... arguments) {
        return new Refused(new SpecProblem.InvalidRequest(format.formatted(arguments)));
    }

    static Refused image(String format, Object... arguments) {
        return new Refused(new SpecProblem.InvalidImage(format.formatted(arguments)));
    }

    static Refused host(String format, Object... arguments) {
        return new Refused(new SpecProblem.HostLacks(format.formatted(arguments)));
    }
}
