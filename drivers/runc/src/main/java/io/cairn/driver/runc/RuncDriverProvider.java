package io.cairn.driver.runc;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.DriverProvider;
import io.cairn.core.driver.Finding;
import io.vavr.collection.Vector;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the driver {@code runc} by {@code ServiceLoader}. */
public final class RuncDriverProvider implements DriverProvider {
    @Override
    public String name() {
        return RuncDriver.NAME;
    }

    @Override
    public Driver open(DriverContext context) throws DriverException {
        return Opening.open(context);
    }

    @Override
    public Vector<Finding> examine(DriverContext context) {
        Path conmon = Path.of(context.setting("drivers.runc.conmon"));
        String runtime = context.setting("drivers.runc.runtime");
        Vector<Path> runtimes = runtime.equals("auto") ? RuntimeChoice.candidates().toVector()
                : Vector.of(Path.of(runtime)).filter(Files::isExecutable);
        return Vector.of(
                Files.isExecutable(conmon) ? Finding.good("conmon", conmon.toString())
                        : Finding.bad("conmon", "%s is no program: install the package conmon, or set drivers.runc.conmon".formatted(conmon)),
                runtimes.isEmpty() ? Finding.bad("OCI runtime", "there is none (%s): install runc or crun, or set drivers.runc.runtime"
                        .formatted(runtime)) : Finding.good("OCI runtime", runtimes.mkString(", ")));
    }
}
