package io.cairn.driver.docker;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.HostSettings;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The configuration this driver reads.
 *
 * @param owner value of the label on all that is ours
 * @param pauseImage a reference; none: the image that comes with Cairn
 * @param engineStats the engine can tell what a pod's containers use
 * @param callTimeout of one call to the engine; they take milliseconds, a disk in trouble takes long
 */
record Settings(HostSettings host, Path socket, String owner, Option<String> pauseImage, boolean engineStats, Duration callTimeout) {
    private static final String BUILTIN = "builtin";

    static Settings of(DriverContext context) throws DriverException {
        return new Settings(
                HostSettings.of(context),
                Path.of(context.setting("drivers.docker.socket")),
                context.setting("drivers.docker.owner"),
                Option.some(context.setting("drivers.docker.pause_image")).filter(image -> !image.equals(BUILTIN)),
                context.setting("drivers.docker.engine_stats").equals("on"),
                HostSettings.duration(context, "drivers.docker.call_timeout"));
    }
}
