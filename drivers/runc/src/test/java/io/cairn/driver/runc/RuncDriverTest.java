package io.cairn.driver.runc;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.vavr.collection.HashMap;
import java.nio.file.Files;
import java.nio.file.Path;

/** The contract, by runc as this host has it. */
class RuncDriverTest extends DriverContract {
    static DriverContext context(Path directory) throws Exception {
        Path state = Files.createDirectories(directory.resolve("state"));
        Path run = Files.createDirectories(directory.resolve("run"));
        return new DriverContext(state, run, HashMap.of(
                "drivers.runc.runtime", "auto", "drivers.runc.conmon", "/usr/bin/conmon", "drivers.runc.runtime_root", run.resolve("runc")
                .toString(),
                "drivers.runc.cgroup_driver", "auto", "images.certs_dirs", "", "images.max_parallel_layers", "3", "images.stall_timeout", "10s"), HashMap.empty());
    }

    @Override
    Driver open(Path directory) throws Exception {
        return new RuncDriverProvider().open(context(directory));
    }
}
