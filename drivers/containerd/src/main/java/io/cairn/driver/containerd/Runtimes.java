package io.cairn.driver.containerd;

import com.google.protobuf.Any;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.runc.Options;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.OciFeatures;
import io.cairn.driver.host.OciRuntimes;
import io.cairn.proto.journal.Failure;
import io.vavr.Tuple;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containerd runtime of each runtime handler; the empty handler is the driver's own.
 *
 * @param features by handler, as each OCI runtime tells them
 */
record Runtimes(Runtime standard, Map<String, Runtime> handlers, Map<String, OciFeatures> features) implements OciRuntimes {
    static final String RUNC = "io.containerd.runc.v2";

    private static final Logger LOG = LoggerFactory.getLogger(Runtimes.class);
    /** As containerd registers it: without a prefix. */
    private static final String OPTIONS_TYPE = "containerd.runc.v1.Options";

    /**
     * One runtime of containerd.
     *
     * @param name which shim, such as {@code io.containerd.runc.v2}
     * @param binary the OCI runtime under it; none: the one that the shim finds
     * @param root where the OCI runtime keeps its state
     */
    record Runtime(String name, Option<Path> binary, Path root, boolean systemdCgroup) {
        /** Only runc's shim is told how: those of others have options of their own. */
        Any options() {
            return name.equals(RUNC) ? any(runcOptions()) : Any.getDefaultInstance();
        }

        /** Others write processes down in ways of their own, or not at all. */
        void requireCheckpoints(String containerId) throws DriverException {
            if (!name.equals(RUNC)) {
                throw Failures.of(Failure.Kind.UNSUPPORTED, "Cannot checkpoint or restore container %s: the driver %s can do so by the runtime "
                        + "%s, but its pod has %s", containerId, ContainerdDriver.NAME, RUNC, name);
            }
        }

        /**
         * Of a task whose processes come back: the shim takes these in the place of the others, so those are in them, too.
         *
         * @param images of CRIU
         * @param work where CRIU works
         */
        Any restoring(Path images, Path work) {
            return any(runcOptions().setCriuImagePath(images.toString()).setCriuWorkPath(work.toString()));
        }

        private Options.Builder runcOptions() {
            var options = Options.newBuilder().setRoot(root.toString()).setSystemdCgroup(systemdCgroup);
            binary.forEach(path -> options.setBinaryName(path.toString()));
            return options;
        }

        private static Any any(Options.Builder options) {
            return Any.newBuilder().setTypeUrl(OPTIONS_TYPE).setValue(options.build().toByteString()).build();
        }
    }

    static Runtimes of(Runtime standard, Map<String, Runtime> handlers, Duration deadline) {
        return new Runtimes(standard, handlers,
                handlers.put("", standard).map((handler, runtime) -> Tuple.of(handler, ask(handler, runtime, deadline))));
    }

    private static OciFeatures ask(String handler, Runtime runtime, Duration deadline) {
        if (!runtime.name().equals(RUNC)) {
            return OciFeatures.NONE;
        }
        Option<Path> binary = runtime.binary().orElse(List.of(Command.PATH.split(":")).map(dir -> Path.of(dir, "runc")).find(Files::isExecutable));
        if (binary.isEmpty()) {
            return OciFeatures.NONE;
        }
        try {
            var ended = new Command("Asking for features", List.of(binary.get().toString(), "features"), HashMap.empty(), Path.of("/"), deadline, 1 << 20).run();
            return ended.succeeded() ? OciFeatures.parse(ended.stdout().toByteArray()) : OciFeatures.NONE;
        } catch (DriverException e) {
            LOG.warn("The OCI runtime of the runtime handler \"{}\" cannot be asked for its features: {}", handler, e.getMessage());
            return OciFeatures.NONE;
        }
    }

    Runtime of(String handler) throws DriverException {
        if (handler.isEmpty()) {
            return standard;
        }
        Runtime runtime = handlers.get(handler).getOrElseThrow(() -> Failures.invalid(
                "Expected a runtime handler of the configuration (%s), but it is \"%.100s\"", handlers.keySet().mkString(", "), handler));
        if (runtime.binary().exists(binary -> !Files.isExecutable(binary))) {
            throw Failures.of(Failure.Kind.UNAVAILABLE, "Expected the OCI runtime of the runtime handler \"%s\" at %s, "
                    + "but it is not there, or is no program: install it, or set runtime_handlers.%s.runtime", handler, runtime.binary().get(),
                    handler);
        }
        return runtime;
    }

    @Override
    public String require(String handler) throws DriverException {
        Runtime runtime = of(handler);
        return runtime.binary().map(binary -> runtime.name() + " with " + binary).getOrElse(runtime.name());
    }

    @Override
    public OciFeatures features(String handler) {
        return features.getOrElse(handler, OciFeatures.NONE);
    }

    /** For what was made when the configuration was another. */
    Runtime ofOrStandard(String handler) {
        return handlers.get(handler).getOrElse(standard);
    }
}
