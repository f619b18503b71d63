package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.NetworkConfig;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.RuntimeConfig;
import io.cairn.proto.cri.UpdateContainerResourcesRequest;
import io.cairn.proto.cri.UpdatePodSandboxResourcesRequest;
import io.cairn.proto.cri.UpdateRuntimeConfigRequest;
import io.grpc.Status.Code;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Limits that are changed while a container runs: in the kernel, and in what is told of them. */
class ResourcesTest extends CriTest {
    private static final long MIB = 1 << 20;

    private void update(String id, Consumer<LinuxContainerResources.Builder> changes) {
        var limits = LinuxContainerResources.newBuilder();
        changes.accept(limits);
        cri.runtime().updateContainerResources(UpdateContainerResourcesRequest.newBuilder().setContainerId(id).setLinux(limits).build());
    }

    private LinuxContainerResources limits(String id) {
        return cri.containerStatus(id).getResources().getLinux();
    }

    private String startLimited(Pod pod) {
        var config = sleeping("limited");
        config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(64 * MIB).setCpuShares(256).setCpuPeriod(100_000).setCpuQuota(20_000);
        return start(pod, config);
    }

    @Test
    void whatIsAskedForChangesAndTheRestStays() throws Exception {
        String id = startLimited(run("resized"));
        var cgroup = new Cgroups(cri.pid(id));

        update(id, limits -> limits.setMemoryLimitInBytes(96 * MIB).setCpuQuota(50_000));

        assertThat(cgroup.read("memory", "memory.limit_in_bytes", "memory.max")).isEqualTo(Long.toString(96 * MIB));
        assertThat(cgroup.read("cpu", "cpu.cfs_quota_us", "cpu.max")).startsWith("50000");
        assertThat(limits(id).getMemoryLimitInBytes()).isEqualTo(96 * MIB);
        assertThat(limits(id).getCpuQuota()).isEqualTo(50_000);
        assertThat(limits(id).getCpuShares()).isEqualTo(256);
        assertThat(verbose(id)).contains("\"limit\":" + 96 * MIB);
    }

    @Test
    void aContainerThatHasNotStartedStartsWithItsNewLimits() throws Exception {
        Pod pod = run("early");
        String id = create(pod, sleeping("early"));
        update(id, limits -> limits.setMemoryLimitInBytes(48 * MIB));
        cri.start(id);
        assertThat(new Cgroups(cri.pid(id)).read("memory", "memory.limit_in_bytes", "memory.max")).isEqualTo(Long.toString(48 * MIB));
        assertThat(limits(id).getMemoryLimitInBytes()).isEqualTo(48 * MIB);
    }

    @Test
    void limitsOutliveTheDaemon() throws Exception {
        String id = startLimited(run("outliving"));
        update(id, limits -> limits.setMemoryLimitInBytes(80 * MIB));
        running.daemon.kill9();
        running.daemon.start();
        cri = running.daemon.client();
        assertThat(limits(id).getMemoryLimitInBytes()).isEqualTo(80 * MIB);
        assertThat(limits(id).getCpuQuota()).isEqualTo(20_000);
        assertThat(new Cgroups(cri.pid(id)).read("memory", "memory.limit_in_bytes", "memory.max")).isEqualTo(Long.toString(80 * MIB));
    }

    @Test
    void whatTheKernelRefusesLeavesTheLimitsAsTheyWere() throws Exception {
        String id = startLimited(run("refused"));
        assertRefused(Code.UNKNOWN, () -> update(id, limits -> limits.setCpusetCpus("4000")), id);
        assertThat(limits(id).getCpusetCpus()).isEmpty();
        assertThat(limits(id).getMemoryLimitInBytes()).isEqualTo(64 * MIB);
    }

    @Test
    void badLimitsAreRefused() throws Exception {
        String id = startLimited(run("bad"));
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> update(id, limits -> limits.setMemoryLimitInBytes(-2)), "memory_limit_in_bytes");
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> update(id, limits -> limits.setCpuQuota(-7)), "cpu_quota");
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> update(id, limits -> limits.setCpusetCpus("0-;reboot")), "cpuset_cpus");
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> update(id, limits -> limits.putUnified("../../x", "1")), "unified");
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.runtime().updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder().setContainerId(id).build()), "linux");
        assertRefusedWithoutTrace(Code.NOT_FOUND, () -> update("0123456789abcdef", limits -> limits.setCpuShares(2)));
        cri.stop(id, 5);
        assertRefusedWithoutTrace(Code.FAILED_PRECONDITION, () -> update(id, limits -> limits.setCpuShares(2)), "EXITED");
    }

    @Test
    void limitsOfAPodAreNoted() throws Exception {
        Pod pod = run("noted");
        cri.runtime().updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(pod.id())
                .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(77 * MIB)).build());
        assertThat(cri.runtime().podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.id()).setVerbose(true).build())
                .getInfoOrThrow("info")).contains(Long.toString(77 * MIB));
        assertRefusedWithoutTrace(Code.NOT_FOUND, () -> cri.runtime().updatePodSandboxResources(
                UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId("0123456789abcdef").build()));
    }

    @Test
    void theAddressesOfPodsAreNoted() throws Exception {
        updateRuntimeConfig("10.88.0.0/16,fd00::/64");
        updateRuntimeConfig("");
        for (String wrong : new String[] {"10.88.0.0", "10.88.0.0/16,", "x/1", "10.88.0.0/16;reboot"}) {
            assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> updateRuntimeConfig(wrong), "pod_cidr");
        }
    }

    private void updateRuntimeConfig(String cidr) {
        cri.runtime().updateRuntimeConfig(UpdateRuntimeConfigRequest.newBuilder().setRuntimeConfig(RuntimeConfig.newBuilder()
                .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr(cidr))).build());
    }

    private String verbose(String id) {
        return cri.runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).setVerbose(true).build()).getInfoOrThrow("info");
    }
}
