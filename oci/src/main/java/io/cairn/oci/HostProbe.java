package io.cairn.oci;

import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the {@link HostFacts} in a root directory: / for the host, a made-up tree for a test. */
record HostProbe(Path root, String architecture) {
    private static final int CAP_SYS_RESOURCE = 24;
    private static final KernelVersion MOUNT_SETATTR = new KernelVersion(5, 12);

    static HostProbe ofHost() {
        return new HostProbe(Path.of("/"), System.getProperty("os.arch"));
    }

    HostFacts facts() throws IOException {
        String release = text("proc/sys/kernel/osrelease").strip();
        KernelVersion kernel = KernelVersion.parse(release)
                .getOrElseThrow(() -> new IOException("Expected /proc/sys/kernel/osrelease to read like 6.12.3, but it reads " + release));
        Map<String, String> status = status();
        var daemon = new HostFacts.Daemon(
                CapabilityNames.inMask(mask(status, "CapBnd")),
                Integer.parseInt(text("proc/self/oom_score_adj").strip()),
                (mask(status, "CapEff") >>> CAP_SYS_RESOURCE & 1) == 1,
                hardRlimits());
        var security = new HostFacts.Security(
                optional("sys/module/apparmor/parameters/enabled").exists(v -> v.startsWith("Y")),
                apparmorProfiles(),
                Files.isReadable(root.resolve("sys/fs/selinux/enforce")),
                Files.exists(root.resolve("proc/sys/kernel/seccomp/actions_avail")));
        return new HostFacts(
                text("proc/sys/kernel/hostname").strip(),
                architecture,
                kernel,
                cgroups(),
                daemon,
                security,
                kernel.isAtLeast(MOUNT_SETATTR),
                Files.exists(root.resolve("proc/self/ns/user"))
                        && optional("proc/sys/user/max_user_namespaces").exists(max -> !max.strip().equals("0")));
    }

    HostFacts withLoadedProfiles(HostFacts facts) throws IOException {
        HostFacts.Security before = facts.security();
        return before.apparmor()
                ? facts.with(new HostFacts.Security(true, apparmorProfiles(), before.selinux(), before.seccomp()))
                : facts;
    }

    private HostFacts.Cgroups cgroups() throws IOException {
        Path top = root.resolve("sys/fs/cgroup");
        Option<String> unified = optional("sys/fs/cgroup/cgroup.controllers");
        if (unified.isDefined()) {
            Set<String> controllers = HashSet.of(unified.get().strip().split("\\s+"));
            return new HostFacts.Cgroups(CgroupLayout.UNIFIED, controllers, controllers.contains("memory") && hasSwapFile(top));
        }
        Set<String> controllers = HashSet.empty();
        for (String line : lines("proc/self/mountinfo")) {
            controllers = controllers.addAll(v1Controllers(line));
        }
        if (controllers.isEmpty()) {
            throw new IOException(
                    "Expected %s to be a cgroup2 mount or to hold v1 controllers, but it is neither: mount cgroup2 there".formatted(top));
        }
        CgroupLayout layout = Files.exists(top.resolve("unified/cgroup.procs")) ? CgroupLayout.HYBRID : CgroupLayout.V1;
        return new HostFacts.Cgroups(layout, controllers, Files.exists(top.resolve("memory/memory.memsw.limit_in_bytes")));
    }

    /** Every cgroup but the root has memory.swap.max where swap is accounted; a node runs its services in such cgroups. */
    private static boolean hasSwapFile(Path top) throws IOException {
        try (var below = Files.list(top)) {
            return below.anyMatch(cgroup -> Files.exists(cgroup.resolve("memory.swap.max")));
        }
    }

    /** A v1 mount names its controllers among the super options: {@code - cgroup cgroup rw,cpu,cpuacct}; name=x is none. */
    private static List<String> v1Controllers(String mountinfo) {
        String[] halves = mountinfo.split(" - ", 2);
        String[] right = halves.length == 2 ? halves[1].split(" ") : new String[0];
        boolean ofTheNode = halves[0].contains(" /sys/fs/cgroup/");
        return right.length == 3 && right[0].equals("cgroup") && ofTheNode
                ? List.of(right[2].split(",")).filter(o -> !o.equals("rw") && !o.equals("ro") && !o.contains("="))
                : List.empty();
    }

    /** {@code Max open files 1024 524288 files}: the name has spaces, its columns are aligned (proc_pid_limits(5)). */
    private Map<String, Long> hardRlimits() throws IOException {
        Map<String, Long> limits = HashMap.empty();
        for (String line : lines("proc/self/limits")) {
            Option<String> type = RlimitNames.ofProc(line);
            String[] fields = line.strip().split("\\s{2,}");
            if (type.isDefined() && fields.length >= 3) {
                limits = limits.put(type.get(), fields[2].equals("unlimited") ? -1L : Long.parseUnsignedLong(fields[2]));
            }
        }
        return limits;
    }

    /** One {@code name (mode)} per line; the file is root's and absent without AppArmor. */
    private Set<String> apparmorProfiles() throws IOException {
        return HashSet.of(optional("sys/kernel/security/apparmor/profiles").getOrElse("").split("\n"))
                .map(line -> line.contains(" (") ? line.substring(0, line.lastIndexOf(" (")) : line)
                .filter(name -> !name.isBlank());
    }

    private Map<String, String> status() throws IOException {
        Map<String, String> fields = HashMap.empty();
        for (String line : lines("proc/self/status")) {
            int colon = line.indexOf(':');
            fields = colon > 0 ? fields.put(line.substring(0, colon), line.substring(colon + 1).strip()) : fields;
        }
        return fields;
    }

    private static long mask(Map<String, String> status, String field) throws IOException {
        return Long.parseUnsignedLong(
                status.get(field).getOrElseThrow(() -> new IOException("Expected /proc/self/status to have " + field)), 16);
    }

    private String text(String relative) throws IOException {
        return new String(Files.readAllBytes(root.resolve(relative)), StandardCharsets.UTF_8);
    }

    private List<String> lines(String relative) throws IOException {
        return List.of(text(relative).split("\n"));
    }

    private Option<String> optional(String relative) throws IOException {
        return Files.isReadable(root.resolve(relative)) ? Option.some(text(relative)) : Option.none();
    }
}
