package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.engine.Committed;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;
import io.vavr.control.Option;

/** What every operation does around its effect. */
final class Steps {
    private final Engine engine;

    Steps(Engine engine) {
        this.engine = engine;
    }

    /** Puts the intent on record; only then may its effect begin. */
    Either<Problem, Committed> intend(Command command, Origin origin) {
        return engine.submit(command, origin).mapLeft(Problem.Refused::new);
    }

    /** Puts the outcome on record. Refused only while shutting down; the next start then finds the intent open and settles it. */
    <T> Either<Problem, T> conclude(Event.Builder outcome, String driver, Origin origin, T answer) {
        return intend(new Command.Conclude(outcome.setDriver(driver).build()), origin).map(committed -> answer);
    }

    <T> Either<Problem, T> concludeFailed(Event.Builder outcome, String driver, Origin origin, Failure failure) {
        return conclude(outcome, driver, origin, failure).flatMap(f -> Either.left(new Problem.Failed(f)));
    }

    /** Something that can fail, tried for its effect: none when it worked. */
    static Option<Failure> attempt(Effect effect) {
        try {
            effect.run();
            return Option.none();
        } catch (Exception e) {
            return Option.some(Failures.of(e));
        }
    }

    /** A step that changes the world. */
    interface Effect {
        void run() throws Exception;
    }
}
