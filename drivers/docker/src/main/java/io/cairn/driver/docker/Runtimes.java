package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/**
 * The engine's runtime of each runtime handler; the empty handler is the engine's default one. Thread-safe.
 *
 * @param handlers name of the runtime by that of the handler; none: the engine's default one
 */
record Runtimes(EngineFacts engine, Map<String, Option<String>> handlers) {
    /** @return its name in the engine; none for the engine's default one */
    Option<String> of(String handler) throws DriverException {
        if (handler.isEmpty()) {
            return Option.none();
        }
        Option<String> runtime = handlers.get(handler).getOrElseThrow(() -> Failures.invalid(
                "Expected a runtime handler of the configuration (%s), but it is \"%.100s\"", handlers.keySet().mkString(", "), handler));
        if (runtime.isDefined() && !engine.get().runtimes().contains(runtime.get())) {
            throw Failures.of(Failure.Kind.UNAVAILABLE, "Expected docker to have the runtime \"%s\" of the runtime handler \"%s\", but it has %s: "
                    + "add it to \"runtimes\" in the engine's daemon.json, or set runtime_handlers.%s.runtime", runtime.get(), handler,
                    engine.get().runtimes().mkString(", "), handler);
        }
        return runtime;
    }
}
