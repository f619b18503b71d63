package io.cairn.core.effect;

import io.cairn.core.decide.Rejection;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.driver.Driver;
import io.vavr.collection.Map;
import io.vavr.control.Either;

/**
 * The drivers of this node.
 *
 * @param byName every loaded driver
 * @param defaultName the one used where no runtime handler is asked for
 * @param handlers runtime handler (RuntimeClass) to driver name
 */
public record Drivers(Map<String, Driver> byName, String defaultName, Map<String, String> handlers) {
    public Driver defaultDriver() {
        return named(defaultName);
    }

    /** The driver a journaled object belongs to; a journal that names a driver which is not loaded stopped the start. */
    public Driver named(String name) {
        return byName.get(name).getOrElseThrow(() -> new InvariantViolation("Driver %s is not loaded".formatted(name)));
    }

    /** The driver for a runtime handler; the empty handler is the default. */
    public Either<Rejection, Driver> forHandler(String handler) {
        return handler.isEmpty()
                ? Either.right(defaultDriver())
                : handlers.get(handler).map(this::named).toEither(() -> Rejection.of(Rejection.Reason.INVALID,
                        "runtime handler \"%s\" is not configured; known are: %s", handler, handlers.keySet().toSortedSet().mkString(", ")));
    }
}
