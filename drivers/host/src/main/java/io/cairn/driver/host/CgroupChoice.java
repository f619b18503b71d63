package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who is to make cgroups, as the configuration says it. */
public enum CgroupChoice {
    /** systemd where it is what has started the host. */
    AUTO,
    CGROUPFS,
    SYSTEMD;

    /** Where systemd runs (sd_booted(3)). */
    private static final Path BOOTED = Path.of("/run/systemd/system");

    /** @param key for the message */
    public static CgroupChoice of(String key, String value) throws DriverException {
        return switch (value) {
            case "auto" -> AUTO;
            case "cgroupfs" -> CGROUPFS;
            case "systemd" -> SYSTEMD;
            default -> throw Failures.invalid("Expected %s to be auto, cgroupfs or systemd, but it is \"%s\"", key, value);
        };
    }

    public boolean usesSystemd() {
        return switch (this) {
            case AUTO -> Files.isDirectory(BOOTED);
            case CGROUPFS -> false;
            case SYSTEMD -> true;
        };
    }
}
