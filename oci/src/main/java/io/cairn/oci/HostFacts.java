package io.cairn.oci;

import io.vavr.collection.Map;
import io.vavr.collection.Set;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What this node and this daemon can do, found once at start. Immutable.
 *
 * @param hostname of the node, what a pod on the node's network calls itself
 * @param architecture as {@code os.arch} says it: amd64, aarch64
 * @param recursiveReadOnly the kernel has mount_setattr(2) with AT_RECURSIVE (Linux 5.12); a driver whose OCI runtime lacks the
 *     mount option rro takes it away again
 * @param userNamespaces the kernel has them and lets them be made
 */
public record HostFacts(
        String hostname,
        String architecture,
        KernelVersion kernel,
        Cgroups cgroups,
        Daemon daemon,
        Security security,
        boolean recursiveReadOnly,
        boolean userNamespaces) {

    /**
     * @param controllers those a limit can be set with, in the kernel's words: cpu, cpuset, memory, pids, hugetlb, devices …
     * @param swapAccounting memory and swap can be limited together
     */
    public record Cgroups(CgroupLayout layout, Set<String> controllers, boolean swapAccounting) {}

    /**
     * What the daemon may hand on.
     *
     * @param boundingCapabilities with CAP_ prefix
     * @param oomScoreAdj -1000 to 1000, proc_pid_oom_score_adj(5)
     * @param sysResource holds CAP_SYS_RESOURCE, which lowering a score and raising a hard limit take
     * @param hardRlimits by RLIMIT_ name; unsigned, -1 is no limit
     */
    public record Daemon(
            Set<String> boundingCapabilities, int oomScoreAdj, boolean sysResource, Map<String, Long> hardRlimits) {}

    /** @param apparmorProfiles the profiles loaded into the kernel */
    public record Security(boolean apparmor, Set<String> apparmorProfiles, boolean selinux, boolean seccomp) {}

    /**
     * Reads the running host: /proc/self/status, /proc/self/oom_score_adj, /proc/self/limits, the mounts below
     * /sys/fs/cgroup, /sys/module/apparmor, /sys/fs/selinux.
     *
     * @throws IOException when /proc or /sys/fs/cgroup cannot be read: without them no container can run either
     */
    public static HostFacts probe() throws IOException {
        return HostProbe.ofHost().facts();
    }

    /** The same host, with the AppArmor profiles that are loaded now: operators load them while the node runs. */
    public HostFacts withLoadedProfiles() throws IOException {
        return HostProbe.ofHost().withLoadedProfiles(this);
    }

    /** The same, of a host whose files are below a directory. */
    public HostFacts withLoadedProfiles(Path root) throws IOException {
        return new HostProbe(root, architecture).withLoadedProfiles(this);
    }

    public HostFacts with(Cgroups other) {
        return new HostFacts(hostname, architecture, kernel, other, daemon, security, recursiveReadOnly, userNamespaces);
    }

    public HostFacts with(Daemon other) {
        return new HostFacts(hostname, architecture, kernel, cgroups, other, security, recursiveReadOnly, userNamespaces);
    }

    public HostFacts with(Security other) {
        return new HostFacts(hostname, architecture, kernel, cgroups, daemon, other, recursiveReadOnly, userNamespaces);
    }

    public HostFacts withoutRecursiveReadOnly() {
        return new HostFacts(hostname, architecture, kernel, cgroups, daemon, security, false, userNamespaces);
    }
}
