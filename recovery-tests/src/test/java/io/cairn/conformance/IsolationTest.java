package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Device;
import io.cairn.proto.cri.Int64Value;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.SecurityProfile;
import io.cairn.proto.cri.SecurityProfile.ProfileType;
import io.cairn.testkit.DriverUnderTest.Feature;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a container may and may not, and how much it gets. */
final class IsolationTest extends CriTest {
    /** Bits of capabilities(7). */
    private static final long NET_ADMIN = 1L << 12;
    private static final long CHOWN = 1L;
    private static final long SYS_ADMIN = 1L << 21;

    private static LinuxContainerSecurityContext.Builder security(ContainerConfig.Builder config) {
        return config.getLinuxBuilder().getSecurityContextBuilder();
    }

    private long effective(Pod pod, ContainerConfig.Builder config) throws Exception {
        return Long.parseUnsignedLong(output(pod, config).strip(), 16);
    }

    private static ContainerConfig.Builder showCapabilities(String name) {
        return shell(name, "grep CapEff /proc/self/status | cut -f 2");
    }

    @Test
    void capabilitiesAreAddedToAndDroppedFromAModestSet() throws Exception {
        Pod pod = run("caps");
        ContainerConfig.Builder added = showCapabilities("added");
        security(added).getCapabilitiesBuilder().addAddCapabilities("NET_ADMIN").addDropCapabilities("CHOWN");
        ContainerConfig.Builder none = showCapabilities("none");
        security(none).getCapabilitiesBuilder().addDropCapabilities("ALL");

        assertThat(effective(pod, showCapabilities("default")) & (NET_ADMIN | CHOWN)).isEqualTo(CHOWN);
        assertThat(effective(pod, added) & (NET_ADMIN | CHOWN)).isEqualTo(NET_ADMIN);
        assertThat(effective(pod, none)).isZero();
    }

    @Test
    void aPrivilegedContainerMayWhatTheDaemonMay() throws Exception {
        PodSandboxConfig.Builder podConfig = podConfig("mighty");
        podConfig.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        Pod pod = run(podConfig);
        ContainerConfig.Builder config = sleeping("mighty");
        security(config).setPrivileged(true);
        String id = start(pod, config);

        String bounding = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("CapBnd")).findFirst().orElseThrow();
        String effective = cri.sh(id, "grep CapEff /proc/1/status").split("\t")[1].strip();
        if (node.driver().can(Feature.ALL_PRIVILEGES)) {
            assertThat(effective).isEqualTo(bounding.split("\t")[1]);
            assertThat(cri.sh(id, "grep ' /sys ' /proc/mounts")).contains(" rw");
        } else {
            long given = Long.parseUnsignedLong(effective, 16);
            assertThat(given & ~Long.parseUnsignedLong(bounding.split("\t")[1], 16)).isZero();
            assertThat(given & (SYS_ADMIN | NET_ADMIN)).isEqualTo(SYS_ADMIN | NET_ADMIN);
        }
        assertThat(cri.sh(id, "grep Seccomp: /proc/1/status").split("\t")[1].strip()).isEqualTo("0");
        assertThat(cri.sh(id, "test -e /dev/kmsg && echo there")).isEqualTo("there\n");
    }

    @Test
    void aReadOnlyRootRefusesWritesButMountsDoNot() throws Exception {
        Pod pod = run("read-only");
        ContainerConfig.Builder config = sleeping("read-only").addMounts(mount(Files.createDirectory(node.logDirectory("read-only").resolve("data")), "/data"));
        security(config).setReadonlyRootfs(true);
        String id = start(pod, config);

        assertThat(cri.sh(id, "touch /here 2>&1 || echo refused")).contains("Read-only file system", "refused");
        assertThat(cri.sh(id, "touch /data/here /dev/shm/here && echo written")).isEqualTo("written\n");
    }

    private static io.cairn.proto.cri.Mount mount(Path host, String container) {
        return io.cairn.proto.cri.Mount.newBuilder().setHostPath(host.toString()).setContainerPath(container).build();
    }

    @Test
    void privilegesCanBeKeptFromGrowing() throws Exception {
        Pod pod = run("growing");
        ContainerConfig.Builder kept = shell("kept", "grep NoNewPrivs /proc/self/status");
        security(kept).setNoNewPrivs(true);

        assertThat(output(pod, kept)).endsWith("\t1\n");
        assertThat(output(pod, shell("free", "grep NoNewPrivs /proc/self/status"))).endsWith("\t0\n");
    }

    @Test
    void seccompIsTheRuntimesTheHostsOrNone() throws Exception {
        Path profile = Files.writeString(node.logDirectory("seccomp").resolve("profile.json"), """
                {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}""");
        Pod pod = run("seccomp");
        String show = "grep Seccomp: /proc/self/status; mkdir /made && echo made || echo refused";

        assertThat(output(pod, seccomp("default", show, SecurityProfile.newBuilder().setProfileType(ProfileType.RuntimeDefault)))).isEqualTo("Seccomp:\t2\nmade\n");
        assertThat(output(pod, seccomp("none", show, SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined)))).isEqualTo("Seccomp:\t0\nmade\n");
        assertThat(output(pod, seccomp("own", show, localhost(profile)))).isEqualTo("Seccomp:\t2\nrefused\n");
        Path missing = profile.resolveSibling("missing.json");
        assertRefusedWithoutTrace(Status.Code.UNKNOWN, () -> create(pod, seccomp("missing", show, localhost(missing))), missing.toString());
    }

    private static SecurityProfile.Builder localhost(Path profile) {
        return SecurityProfile.newBuilder().setProfileType(ProfileType.Localhost).setLocalhostRef(profile.toString());
    }

    private static ContainerConfig.Builder seccomp(String name, String script, SecurityProfile.Builder profile) {
        ContainerConfig.Builder config = shell(name, script);
        security(config).setSeccomp(profile);
        return config;
    }

    /** This host has neither, or has them without such a profile: then a container with less than its pod says must not run. */
    @Test
    void confinementThatCannotBeHadIsRefusedAndNotLeftOut() throws Exception {
        Pod pod = run("confined");
        ContainerConfig.Builder confined = sleeping("confined");
        security(confined).setApparmor(SecurityProfile.newBuilder().setProfileType(ProfileType.Localhost).setLocalhostRef("cairn-no-such-profile"));
        assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, confined), "cairn-no-such-profile");
        ContainerConfig.Builder strange = sleeping("strange");
        security(strange).setSeccomp(SecurityProfile.newBuilder().setProfileTypeValue(9));
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, strange), "seccomp");
        ContainerConfig.Builder mighty = sleeping("mighty");
        security(mighty).setPrivileged(true);
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, mighty), "privileged");
        ContainerConfig.Builder grouped = sleeping("grouped");
        security(grouped).setSupplementalGroupsPolicyValue(9);
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, grouped), "supplemental_groups_policy");
    }

    @Test
    void processesAreThoseOfTheContainerTheHostOrAnotherContainer() throws Exception {
        PodSandboxConfig.Builder config = podConfig("processes");
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.CONTAINER).setIpc(NamespaceMode.NODE);
        Pod pod = run(config);
        String target = startSleeping(pod);
        ContainerConfig.Builder debugger = sleeping("debugger");
        security(debugger).getNamespaceOptionsBuilder().setPid(NamespaceMode.TARGET).setTargetId(target).setIpc(NamespaceMode.NODE);
        ContainerConfig.Builder host = sleeping("host");
        security(host).getNamespaceOptionsBuilder().setPid(NamespaceMode.NODE).setIpc(NamespaceMode.NODE);
        String debugging = start(pod, debugger);

        assertThat(cri.sh(debugging, "readlink /proc/self/ns/pid")).isEqualTo(cri.sh(target, "readlink /proc/self/ns/pid"));
        assertThat(cri.sh(start(pod, host), "readlink /proc/self/ns/pid").strip()).isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString());
        assertThat(cri.sh(target, "readlink /proc/self/ns/ipc").strip()).isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString());
        ContainerConfig.Builder lost = sleeping("lost");
        security(lost).getNamespaceOptionsBuilder().setPid(NamespaceMode.TARGET).setTargetId("0".repeat(64));
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, lost), "0".repeat(64));
    }

    @Test
    void pathsAreMaskedAndReadOnlyAsAsked() throws Exception {
        ContainerConfig.Builder config = shell("masked", "wc -c < /proc/version; ls /proc/irq | wc -l; echo 1 > /proc/sys/kernel/shm_rmid_forced || echo refused");
        security(config).addMaskedPaths("/proc/version").addMaskedPaths("/proc/irq").addMaskedPaths("/no/such").addReadonlyPaths("/proc/sys");

        assertThat(output(run("masked"), config)).isEqualTo("0\n0\nrefused\n");
    }

    @Test
    void devicesOfTheHostAreThereWithTheirPermissions() throws Exception {
        Pod pod = run("devices");
        String writable = start(pod, sleeping("writable").addDevices(kernelLog("w")));
        String readable = start(pod, sleeping("readable").addDevices(kernelLog("r")));

        assertThat(cri.sh(writable, "test -c /dev/diary && : > /dev/diary && echo opened")).isEqualTo("opened\n");
        assertThat(cri.sh(readable, "(: > /dev/diary) 2>&1 || echo refused")).contains("Operation not permitted", "refused");
        assertThat(cri.sh(startSleeping(pod), "ls /dev")).doesNotContain("diary");
        assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, sleeping("absent").addDevices(
                Device.newBuilder().setHostPath("/dev/no-such-device").setContainerPath("/dev/x").setPermissions("rw"))), "/dev/no-such-device");
    }

    /** The kernel's log: there on every host, and not among what every container gets. */
    private static Device kernelLog(String permissions) {
        return Device.newBuilder().setHostPath("/dev/kmsg").setContainerPath("/dev/diary").setPermissions(permissions).build();
    }

    @Test
    void resourcesAreThoseOfTheCgroupBelowThePodsParent() throws Exception {
        ContainerConfig.Builder config = sleeping("measured");
        config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(64 << 20).setCpuShares(512).setCpuPeriod(100_000).setCpuQuota(50_000)
                .setCpusetCpus("0").setOomScoreAdj(500);
        String id = start(run("measured"), config);
        long pid = cri.pid(id);
        var cgroup = new Cgroups(pid);

        assertThat(cgroup.path("memory")).as("a cgroup of its own").matches(node.cgroupParent() + "/.*[0-9a-f]{64}.*");
        assertThat(cgroup.read("memory", "memory.limit_in_bytes", "memory.max")).isEqualTo(Long.toString(64 << 20));
        assertThat(cgroup.read("cpu", "cpu.cfs_quota_us", "cpu.max")).isEqualTo(Cgroups.isV2() ? "50000 100000" : "50000");
        // Version 2 weighs from 1 to 10000 what version 1 shared from 2 to 262144.
        assertThat(cgroup.read("cpu", "cpu.shares", "cpu.weight")).isEqualTo(Cgroups.isV2() ? "20" : "512");
        assertThat(cgroup.read("cpuset", "cpuset.cpus", "cpuset.cpus")).isEqualTo("0");
        assertThat(Files.readString(Path.of("/proc", Long.toString(pid), "oom_score_adj")).strip()).isEqualTo("500");
        assertThat(cri.containerStatus(id).getResources().getLinux().getMemoryLimitInBytes()).isEqualTo(64 << 20);
    }

    @Test
    void aScoreTheDaemonMayNotGiveIsNoReasonToFail() throws Exception {
        ContainerConfig.Builder config = sleeping("important");
        config.getLinuxBuilder().getResourcesBuilder().setOomScoreAdj(-997);

        assertThat(cri.pid(start(run("important"), config))).isPositive();
    }

    @Test
    void aNumericUserKeepsNoCapabilities() throws Exception {
        ContainerConfig.Builder config = showCapabilities("plain");
        security(config).setRunAsUser(Int64Value.newBuilder().setValue(1000));

        assertThat(effective(run("plain"), config)).isZero();
    }
}
