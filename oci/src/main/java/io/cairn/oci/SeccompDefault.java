package io.cairn.oci;

import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The filter for RuntimeDefault: the calls named in seccomp-default.txt, and those that depend on their arguments. */
final class SeccompDefault {
    private static final String RESOURCE = "seccomp-default.txt";
    private static final Map<String, Set<String>> SECTIONS = read();

    private static final long EPERM = 1;
    private static final long ENOSYS = 38;
    private static final long AF_ALG = 38;
    private static final long AF_VSOCK = 40;

    /** CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET} of clone(2). */
    private static final long NEW_NAMESPACES = 0x7e020000L;

    /** personality(2): Linux, 32 bit addresses, no address randomisation, both, and "tell me which". */
    private static final List<Long> PERSONALITIES = List.of(0L, 8L, 0x20000L, 0x20008L, 0xffffffffL);

    private SeccompDefault() {}

    /** @param bounding the container's bounding set: a capability it can have makes the calls it rules useful */
    static OciSpec.Seccomp profile(String architecture, List<String> bounding) throws Refused {
        Set<String> names = section("always").addAll(section("arch " + architecture));
        for (String capability : bounding) {
            names = names.addAll(section(capability));
        }
        List<OciSpec.Syscall> rules = List.of(allow(names.toList()))
                .append(allow("socket", arg("SCMP_CMP_LT", AF_ALG)))
                .append(allow("socket", arg("SCMP_CMP_EQ", AF_ALG + 1)))
                .append(allow("socket", arg("SCMP_CMP_GT", AF_VSOCK)))
                .appendAll(PERSONALITIES.map(p -> allow("personality", arg("SCMP_CMP_EQ", p))));
        if (!names.contains("clone")) {
            // clone3 hides its flags from the filter: ENOSYS sends libc back to clone.
            rules = rules.append(allow("clone", new OciSpec.SyscallArg(0, NEW_NAMESPACES, 0, "SCMP_CMP_MASKED_EQ")))
                    .append(new OciSpec.Syscall(
                            List.of("clone3"), "SCMP_ACT_ERRNO", Option.some(ENOSYS), List.empty()));
        }
        return new OciSpec.Seccomp(
                "SCMP_ACT_ERRNO", Option.some(EPERM), SeccompNames.architectures(architecture), List.empty(), rules);
    }

    private static Set<String> section(String name) {
        return SECTIONS.get(name).getOrElse(LinkedHashSet.empty());
    }

    private static OciSpec.Syscall allow(List<String> names) {
        return new OciSpec.Syscall(names, "SCMP_ACT_ALLOW", Option.none(), List.empty());
    }

    private static OciSpec.Syscall allow(String name, OciSpec.SyscallArg arg) {
        return new OciSpec.Syscall(List.of(name), "SCMP_ACT_ALLOW", Option.none(), List.of(arg));
    }

    private static OciSpec.SyscallArg arg(String operator, long value) {
        return new OciSpec.SyscallArg(0, value, 0, operator);
    }

    private static Map<String, Set<String>> read() {
        try (var in = SeccompDefault.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("Expected resource " + RESOURCE + " in the jar, but it is not there");
            }
            return sections(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Expected resource " + RESOURCE + " to be readable", e);
        }
    }

    private static Map<String, Set<String>> sections(String text) {
        Map<String, Set<String>> sections = LinkedHashMap.empty();
        String current = "";
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.startsWith("[")) {
                current = line.substring(1, line.length() - 1);
                sections = sections.put(current, LinkedHashSet.empty());
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                sections = sections.put(current, sections.apply(current).addAll(List.of(line.split("\\s+"))));
            }
        }
        return sections;
    }
}
