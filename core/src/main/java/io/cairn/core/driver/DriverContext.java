package io.cairn.core.driver;

import io.vavr.collection.Map;
import java.nio.file.Path;

/**
 * What a driver is given at start.
 *
 * @param stateDirectory the driver's own part of the state directory; exists, 0700, survives a reboot
 * @param runDirectory the driver's own part of the run-time directory; exists, 0700, gone after a reboot.
     The one above it lets others pass (0711): a driver may open its own to the users of pods
 * @param settings the driver's section of the configuration and what it shares with others, by dotted key, for example
 *     {@code drivers.runc.conmon} or {@code images.certs_dirs}; lists are joined by {@code ','}
 * @param handlers the settings of each runtime handler that names this driver, by handler name
 */
public record DriverContext(
        Path stateDirectory, Path runDirectory, Map<String, String> settings, Map<String, Map<String, String>> handlers) {
    /** A setting that has a default in the configuration table and so is always there. */
    public String setting(String key) {
        return settings.get(key).getOrElseThrow(() -> new IllegalArgumentException("Expected the setting " + key + ", but it is not set"));
    }
}
