package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.vavr.collection.Map;

/** The OCI runtime of each runtime handler; the empty handler is the driver's own. */
record Runtimes(OciRuntime standard, Map<String, OciRuntime> handlers) {
    OciRuntime of(String handler) throws DriverException {
        if (handler.isEmpty()) {
            return standard;
        }
        return handlers.get(handler).getOrElseThrow(() -> Failures.invalid(
                "Expected a runtime handler of the configuration (%s), but it is \"%.100s\"", handlers.keySet().mkString(", "), handler));
    }

    /** For what was made when the configuration was another: any runtime can end it. */
    OciRuntime ofOrStandard(String handler) {
        return handlers.get(handler).getOrElse(standard);
    }
}
