package io.cairn.driver.runc;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configuration this driver reads. The daemon has checked it against its table; what is wrong here all the same is a mistake
 * of the caller and says so.
 *
 * @param runtime none: whichever works on this host
 */
record Settings(
        Option<Path> runtime, Path runtimeRoot, Path conmon, CgroupChoice cgroups, List<Path> certsDirectories, int parallelLayers,
        Duration stallTimeout) {
    private static final Pattern TIME = Pattern.compile(
            "(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?(?:([0-9]{1,9})ms)?");
    private static final List<Long> TIME_FACTORS = List.of(86_400_000L, 3_600_000L, 60_000L, 1_000L, 1L);

    /** Who makes cgroups. */
    enum CgroupChoice { AUTO, CGROUPFS, SYSTEMD }

    static Settings of(DriverContext context) throws DriverException {
        return new Settings(
                runtime(context.setting("drivers.runc.runtime")),
                Path.of(context.setting("drivers.runc.runtime_root")),
                Path.of(context.setting("drivers.runc.conmon")),
                cgroups(context.setting("drivers.runc.cgroup_driver")),
                list(context.setting("images.certs_dirs")).map(Path::of),
                count("images.max_parallel_layers", context.setting("images.max_parallel_layers")),
                duration("images.stall_timeout", context.setting("images.stall_timeout")));
    }

    static Option<Path> runtime(String value) {
        return value.equals("auto") ? Option.none() : Option.some(Path.of(value));
    }

    static List<String> list(String value) {
        return value.isEmpty() ? List.empty() : List.of(value.split(","));
    }

    private static CgroupChoice cgroups(String value) throws DriverException {
        return switch (value) {
            case "auto" -> CgroupChoice.AUTO;
            case "cgroupfs" -> CgroupChoice.CGROUPFS;
            case "systemd" -> CgroupChoice.SYSTEMD;
            default -> throw Failures.invalid("Expected drivers.runc.cgroup_driver to be auto, cgroupfs or systemd, but it is \"%s\"",
                    value);
        };
    }

    private static int count(String key, String value) throws DriverException {
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw Failures.invalid("Expected %s to be a number from 1, but it is \"%s\"", key, value);
        }
        return Integer.parseInt(value);
    }

    /** As the configuration writes times: {@code 1m30s}. */
    private static Duration duration(String key, String value) throws DriverException {
        Matcher match = TIME.matcher(value);
        if (value.isEmpty() || !match.matches()) {
            throw Failures.invalid("Expected %s to be a time like 1m30s, but it is \"%s\"", key, value);
        }
        long millis = 0;
        for (int i = 0; i < TIME_FACTORS.size(); i++) {
            String number = match.group(i + 1);
            millis += number == null ? 0 : Long.parseLong(number) * TIME_FACTORS.get(i);
        }
        return Duration.ofMillis(millis);
    }
}
