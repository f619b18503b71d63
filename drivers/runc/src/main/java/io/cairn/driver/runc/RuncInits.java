package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.InitRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Inits of pods by the OCI runtime alone: nobody needs their output, nor how they end. */
record RuncInits(Runtimes runtimes) implements InitRunner {
    @Override
    public void start(String id, Path bundle, String handler) throws DriverException {
        runtimes.of(handler).runDetached(id, bundle, bundle.resolve("pid"), bundle.resolve("runtime.log"));
    }

    @Override
    public void remove(String id, Path bundle, String handler) throws IOException, DriverException {
        OciRuntime runtime = runtimes.ofOrStandard(handler);
        if (Files.exists(bundle)) {
            new Strays(runtime.root()).settle(id);
        }
        runtime.delete(id);
    }
}
