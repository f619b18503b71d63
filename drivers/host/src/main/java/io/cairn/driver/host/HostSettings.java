package io.cairn.driver.host;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.images.Verification;
import io.cairn.images.VerifierPrograms;
import io.cairn.images.registry.RegistryOptions;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configuration that is the same for every driver of this host. The daemon has checked it against its table; what is wrong here all
 * the same is a mistake of the caller and says so.
 *
 * @param verifiers none: every image may be pulled
 */
public record HostSettings(
        Path bootIdFile, List<Path> certsDirectories, int parallelLayers, Duration stallTimeout, Option<VerifierPrograms> verifiers,
        List<Path> cdiDirectories) {
    private static final Pattern TIME = Pattern.compile(
            "(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?(?:([0-9]{1,9})ms)?");
    private static final List<Long> TIME_FACTORS = List.of(86_400_000L, 3_600_000L, 60_000L, 1_000L, 1L);

    public static HostSettings of(DriverContext context) throws DriverException {
        return new HostSettings(
                Path.of(context.setting("boot_id_file")),
                list(context.setting("images.certs_dirs")).map(Path::of),
                count(context, "images.max_parallel_layers"),
                duration(context, "images.stall_timeout"),
                verifiers(context),
                list(context.setting("devices.cdi_dirs")).map(Path::of));
    }

    private static Option<VerifierPrograms> verifiers(DriverContext context) throws DriverException {
        String directory = context.setting("images.verifier_dir");
        int programsMax = count(context, "images.max_verifiers");
        Duration deadline = duration(context, "images.verifier_timeout");
        return Option.when(!directory.equals("off"), () -> new VerifierPrograms(Path.of(directory), programsMax, deadline));
    }

    /** How registries are asked. */
    public RegistryOptions registry() {
        return RegistryOptions.defaults().withHostsDirectories(certsDirectories)
                .withStallTimeoutMillis(Math.toIntExact(stallTimeout.toMillis())).withParallelLayers(parallelLayers);
    }

    /** Who must agree to an image. */
    public Verification verification() {
        return verifiers.<Verification>map(v -> v).getOrElse(Verification.NONE);
    }

    /** As the context has lists: joined by {@code ','}, empty for none. */
    public static List<String> list(String value) {
        return value.isEmpty() ? List.empty() : List.of(value.split(","));
    }

    private static int count(DriverContext context, String key) throws DriverException {
        String value = context.setting(key);
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw Failures.invalid("Expected %s to be a number from 1, but it is \"%s\"", key, value);
        }
        return Integer.parseInt(value);
    }

    /** As the configuration writes times: {@code 1m30s}. */
    public static Duration duration(DriverContext context, String key) throws DriverException {
        String value = context.setting(key);
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
