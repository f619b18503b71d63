package io.cairn.oci;

import static io.vavr.collection.Map.entry;

import io.vavr.collection.HashSet;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Set;

/** The words of seccomp in the OCI runtime specification (config-linux.md, "Seccomp"), which are libseccomp's. */
final class SeccompNames {
    static final Set<String> ACTIONS = HashSet.of(
            "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
            "SCMP_ACT_TRACE", "SCMP_ACT_TRAP");

    static final Set<String> OPERATORS = HashSet.of(
            "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ");

    static final Set<String> FLAGS =
            HashSet.of("SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW");

    /** Native first, then what the same kernel runs beside it: a filter for one alone would be left by changing mode. */
    private static final Map<String, List<String>> ARCHITECTURES = LinkedHashMap.ofEntries(
            entry("amd64", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32")),
            entry("aarch64", List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM")));

    /** What profiles in Docker's format call an architecture of {@code os.arch}. */
    private static final Map<String, String> DOCKER = LinkedHashMap.ofEntries(entry("amd64", "amd64"), entry("aarch64", "arm64"));

    private SeccompNames() {}

    static List<String> architectures(String osArch) throws Refused {
        return ARCHITECTURES.get(osArch).getOrElseThrow(() -> Refused.host(
                "Expected a seccomp profile for this architecture, but there is none for %s: have %s",
                osArch, ARCHITECTURES.keySet().mkString(", ")));
    }

    static String docker(String osArch) {
        return DOCKER.get(osArch).getOrElse(osArch);
    }
}
