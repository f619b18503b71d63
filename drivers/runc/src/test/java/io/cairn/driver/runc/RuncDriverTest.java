package io.cairn.driver.runc;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.driver.host.DriverContract;
import io.cairn.testkit.TestCriu;
import io.vavr.collection.HashMap;
import java.nio.file.Files;
import java.nio.file.Path;

/** The contract, by runc as this host has it. */
class RuncDriverTest extends DriverContract {
    static DriverContext context(Path directory) throws Exception {
        Path state = Files.createDirectories(directory.resolve("state"));
        Path run = Files.createDirectories(directory.resolve("run"));
        return new DriverContext(state, run, hostSettings(directory).merge(HashMap.of(
                "drivers.runc.runtime", "auto", "drivers.runc.conmon", "/usr/bin/conmon", "drivers.runc.runtime_root", run.resolve("runc")
                .toString(), "drivers.runc.cgroup_driver", "auto", "drivers.runc.command_timeout", "2m",
                "drivers.runc.criu", TestCriu.setting()).put("drivers.runc.restore_images", "on")), HashMap.empty());
    }

    @Override
    protected Driver open(Path directory) throws Exception {
        return new RuncDriverProvider().open(context(directory));
    }
}
