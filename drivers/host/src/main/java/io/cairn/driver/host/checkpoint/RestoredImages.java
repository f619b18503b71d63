package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;

/**
 * Whether containers go on from images that hold a checkpoint.
 *
 * @param key of the configuration that says so
 */
public record RestoredImages(boolean allowed, String key) {
    /** @param key of a setting that is on or off */
    public static RestoredImages of(DriverContext context, String key) throws DriverException {
        return new RestoredImages(context.setting(key).equals("on"), key);
    }
}
