package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.OciFeatures;
import io.cairn.driver.host.OciRuntimes;
import io.cairn.proto.journal.Failure;
import io.vavr.Tuple;
import io.vavr.collection.Map;
import java.io.IOException;
import java.nio.file.Files;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OCI runtime of each runtime handler; the empty handler is the driver's own.
 *
 * @param features by handler, as each runtime tells them
 */
record Runtimes(OciRuntime standard, Map<String, OciRuntime> handlers, Map<String, OciFeatures> features) implements OciRuntimes {
    private static final Logger LOG = LoggerFactory.getLogger(Runtimes.class);

    /** Asks each runtime for its features. One that is not there is no reason not to start: other handlers' pods can run. */
    static Runtimes of(OciRuntime standard, Map<String, OciRuntime> handlers, Answers answers) {
        return new Runtimes(standard, handlers,
                handlers.put("", standard).map((handler, runtime) -> Tuple.of(handler, ask(handler, runtime, answers))));
    }

    private static OciFeatures ask(String handler, OciRuntime runtime, Answers answers) {
        try {
            return runtime.features(answers);
        } catch (DriverException | IOException e) {
            LOG.warn("The OCI runtime of the runtime handler \"{}\" cannot be run: {}", handler, e.getMessage());
            return OciFeatures.NONE;
        }
    }

    OciRuntime of(String handler) throws DriverException {
        if (handler.isEmpty()) {
            return standard;
        }
        OciRuntime runtime = handlers.get(handler).getOrElseThrow(() -> Failures.invalid(
                "Expected a runtime handler of the configuration (%s), but it is \"%.100s\"", handlers.keySet().mkString(", "), handler));
        if (!Files.isExecutable(runtime.binary())) {
            throw Failures.of(Failure.Kind.UNAVAILABLE, "Expected the OCI runtime of the runtime handler \"%s\" at %s, but it is not there, or "
                    + "is no program: install it, or set runtime_handlers.%s.runtime", handler, runtime.binary(), handler);
        }
        return runtime;
    }

    @Override
    public String require(String handler) throws DriverException {
        return of(handler).binary().toString();
    }

    @Override
    public OciFeatures features(String handler) {
        return features.getOrElse(handler, OciFeatures.NONE);
    }

    /** For what was made when the configuration was another: any runtime can end it. */
    OciRuntime ofOrStandard(String handler) {
        return handlers.get(handler).getOrElse(standard);
    }
}
