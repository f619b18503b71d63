package io.cairn.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFactsTest {
    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private HostFacts facts() throws IOException {
        return new HostProbe(root, "amd64").facts();
    }

    private void common() throws IOException {
        file("proc/self/status", "Name:\tjava\nCapEff:\t000001fffeffffff\nCapBnd:\t000001fffeffffff\n");
        file("proc/self/oom_score_adj", "-999\n");
        file("proc/self/limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max cpu time              unlimited            unlimited            seconds
                Max open files            1024                 524288               files
                """);
        file("proc/sys/kernel/osrelease", "5.10.0-28-amd64\n");
        file("proc/sys/kernel/hostname", "node-7\n");
        file("proc/sys/kernel/seccomp/actions_avail", "allow errno\n");
        file("proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/root rw\n");
        Files.createDirectories(root.resolve("sys/fs/cgroup"));
    }

    @Test
    void theDaemonsOwnRightsAreRead() throws Exception {
        common();
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
        var facts = facts();
        assertThat(facts.hostname()).isEqualTo("node-7");
        assertThat(facts.kernel()).isEqualTo(new KernelVersion(5, 10));
        assertThat(facts.recursiveReadOnly()).as("5.10 is too old").isFalse();
        assertThat(facts.userNamespaces()).as("a kernel without").isFalse();
        file("proc/self/ns/user", "");
        file("proc/sys/user/max_user_namespaces", "0\n");
        assertThat(facts().userNamespaces()).as("turned off").isFalse();
        file("proc/sys/user/max_user_namespaces", "96551\n");
        assertThat(facts().userNamespaces()).isTrue();
        assertThat(facts.daemon().oomScoreAdj()).isEqualTo(-999);
        assertThat(facts.daemon().sysResource()).isFalse();
        assertThat(facts.daemon().boundingCapabilities()).hasSize(40).doesNotContain("CAP_SYS_RESOURCE");
        assertThat(facts.daemon().hardRlimits().toJavaMap())
                .containsOnly(java.util.Map.entry("RLIMIT_CPU", -1L), java.util.Map.entry("RLIMIT_NOFILE", 524288L));
        assertThat(facts.security()).isEqualTo(new HostFacts.Security(false, io.vavr.collection.HashSet.empty(), false, true));
    }

    @Test
    void profilesThatAreLoadedLaterAreSeen() throws Exception {
        common();
        file("sys/fs/cgroup/cgroup.controllers", "memory\n");
        file("sys/module/apparmor/parameters/enabled", "Y\n");
        file("sys/kernel/security/apparmor/profiles", "one (enforce)\n");
        HostFacts before = facts();
        file("sys/kernel/security/apparmor/profiles", "one (enforce)\ntwo//null-/bin/sh (complain)\n");
        HostFacts after = new HostProbe(root, "amd64").withLoadedProfiles(before);
        assertThat(before.security().apparmorProfiles()).containsExactly("one");
        assertThat(after.security().apparmorProfiles()).containsExactlyInAnyOrder("one", "two//null-/bin/sh");
        assertThat(after.with(before.security())).isEqualTo(before);
        HostFacts without = before.with(new HostFacts.Security(false, io.vavr.collection.HashSet.empty(), false, true));
        assertThat(new HostProbe(root, "amd64").withLoadedProfiles(without)).as("nothing is read").isSameAs(without);
    }

    @Test
    void cgroup2IsKnownByItsControllers() throws Exception {
        common();
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
        assertThat(facts().cgroups().layout()).isEqualTo(CgroupLayout.UNIFIED);
        assertThat(facts().cgroups().controllers()).containsExactlyInAnyOrder("cpuset", "cpu", "io", "memory", "pids");
        assertThat(facts().cgroups().swapAccounting()).isFalse();
        file("sys/fs/cgroup/system.slice/memory.swap.max", "max\n");
        assertThat(facts().cgroups().swapAccounting()).isTrue();
    }

    @Test
    void cgroup1IsKnownByItsMountsAndHybridByTheUnifiedBesideThem() throws Exception {
        common();
        file("proc/self/mountinfo", """
                31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
                33 31 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
                40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
                """.replace("rw,xattr,name", "rw,name"));
        assertThat(facts().cgroups().layout()).isEqualTo(CgroupLayout.V1);
        assertThat(facts().cgroups().controllers()).containsExactlyInAnyOrder("cpu", "cpuacct", "memory");
        file("sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "1");
        assertThat(facts().cgroups().swapAccounting()).isTrue();
        file("sys/fs/cgroup/unified/cgroup.procs", "1\n");
        assertThat(facts().cgroups().layout()).isEqualTo(CgroupLayout.HYBRID);
    }

    @Test
    void aHostWithoutCgroupsIsToldWhatToDo() throws Exception {
        common();
        assertThatThrownBy(this::facts).isInstanceOf(IOException.class).hasMessageContaining("mount cgroup2");
    }

    @Test
    void securityModulesAreSeen() throws Exception {
        common();
        file("sys/fs/cgroup/cgroup.controllers", "memory\n");
        file("sys/module/apparmor/parameters/enabled", "Y\n");
        file("sys/kernel/security/apparmor/profiles", "cairn-default (enforce)\na (b) name (complain)\n");
        file("sys/fs/selinux/enforce", "1");
        var security = facts().security();
        assertThat(security.apparmor()).isTrue();
        assertThat(security.apparmorProfiles()).containsExactlyInAnyOrder("cairn-default", "a (b) name");
        assertThat(security.selinux()).isTrue();
        file("sys/module/apparmor/parameters/enabled", "N\n");
        assertThat(facts().security().apparmor()).isFalse();
    }

    @Test
    void theRunningHostCanBeRead() throws Exception {
        var facts = HostFacts.probe();
        assertThat(facts.cgroups().controllers()).contains("memory");
        assertThat(facts.daemon().boundingCapabilities()).contains("CAP_SYS_ADMIN");
        assertThat(facts.daemon().hardRlimits().keySet()).contains("RLIMIT_NOFILE").hasSize(16);
        assertThat(facts.hostname()).isNotBlank();
        assertThat(facts.daemon().oomScoreAdj())
                .isEqualTo(Integer.parseInt(Files.readString(Path.of("/proc/self/oom_score_adj")).strip()));
    }
}
