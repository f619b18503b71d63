package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.CgroupChoice;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.HostSettings;
import io.cairn.driver.host.checkpoint.RestoredImages;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The configuration this driver reads.
 *
 * @param callTimeout of one call to containerd; they take milliseconds, a disk in trouble takes long
 */
record Settings(HostSettings host, Path address, String namespace, String snapshotter, String runtime, RestoredImages restoredImages,
        CgroupChoice cgroups, Duration callTimeout) {
    static Settings of(DriverContext context) throws DriverException {
        refuseArguments(context);
        return new Settings(
                HostSettings.of(context),
                Path.of(context.setting("drivers.containerd.address")),
                context.setting("drivers.containerd.namespace"),
                context.setting("drivers.containerd.snapshotter"),
                context.setting("drivers.containerd.runtime"),
                RestoredImages.of(context, "drivers.containerd.restore_images"),
                CgroupChoice.of("drivers.containerd.cgroup_driver", context.setting("drivers.containerd.cgroup_driver")),
                HostSettings.duration(context, "drivers.containerd.call_timeout"));
    }

    /** No option of a shim takes any. Ignored, they could be those that were to keep a pod apart from others. */
    private static void refuseArguments(DriverContext context) throws DriverException {
        for (var handler : context.handlers()) {
            String arguments = handler._2().get("runtime_args").getOrElse("");
            if (!arguments.isEmpty()) {
                throw Failures.invalid("runtime_handlers.%1$s.runtime_args: expected none, since containerd can give its OCI runtimes no "
                        + "arguments, but found %2$s: take them away, and name as runtime_handlers.%1$s.runtime a program that calls the OCI "
                        + "runtime with them", handler._1(), arguments);
            }
        }
    }
}
