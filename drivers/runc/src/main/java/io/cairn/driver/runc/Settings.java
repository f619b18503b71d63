package io.cairn.driver.runc;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.CgroupChoice;
import io.cairn.driver.host.HostSettings;
import io.cairn.driver.host.checkpoint.RestoredImages;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The configuration this driver reads.
 *
 * @param runtime none: whichever works on this host
 * @param criu none: the one on PATH
 * @param commandTimeout of one command of the OCI runtime or conmon; they take milliseconds, a disk in trouble takes long
 */
record Settings(
        HostSettings host, Option<Path> runtime, Path runtimeRoot, Path conmon, Option<Path> criu, RestoredImages restoredImages, CgroupChoice cgroups,
        Duration commandTimeout) {
    static Settings of(DriverContext context) throws DriverException {
        return new Settings(
                HostSettings.of(context),
                runtime(context.setting("drivers.runc.runtime")),
                Path.of(context.setting("drivers.runc.runtime_root")),
                Path.of(context.setting("drivers.runc.conmon")),
                runtime(context.setting("drivers.runc.criu")),
                RestoredImages.of(context, "drivers.runc.restore_images"),
                CgroupChoice.of("drivers.runc.cgroup_driver", context.setting("drivers.runc.cgroup_driver")),
                HostSettings.duration(context, "drivers.runc.command_timeout"));
    }

    static Option<Path> runtime(String value) {
        return value.equals("auto") ? Option.none() : Option.some(Path.of(value));
    }
}
