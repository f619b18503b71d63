package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.DNSConfig;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.PodSandbox;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxFilter;
import io.cairn.proto.cri.PodSandboxState;
import io.cairn.proto.cri.PodSandboxStateValue;
import io.cairn.proto.cri.PortMapping;
import io.cairn.proto.cri.Protocol;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.DriverUnderTest.Feature;
import io.cairn.testkit.FreePort;
import io.cairn.testkit.LogLine;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PodTest extends CriTest {
    @Test
    void aPodIsReadyWithAnAddressUntilItIsStopped() throws Exception {
        Pod pod = run(podConfig("one").putAnnotations("note", "kept"));

        var status = cri.podStatus(pod.id());
        assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(status.getMetadata()).isEqualTo(pod.config().getMetadata());
        assertThat(status.getNetwork().getIp()).startsWith("198.18.");
        assertThat(status.getAnnotationsMap()).containsEntry("note", "kept");
        assertThat(status.getCreatedAt()).isPositive();

        cri.stopPod(pod.id());
        cri.stopPod(pod.id());
        assertThat(cri.podStatus(pod.id()).getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(cri.podStatus(pod.id()).getNetwork().getIp()).isEmpty();

        cri.removePod(pod.id());
        cri.removePod(pod.id());
        assertRefused(Status.Code.NOT_FOUND, () -> cri.podStatus(pod.id()), pod.id());
    }

    @Test
    void podsAreListedByIdStateAndLabels() throws Exception {
        Pod first = run(podConfig("first").putLabels("tier", "front"));
        Pod second = run(podConfig("second").putLabels("tier", "back"));
        cri.stopPod(second.id());

        assertThat(listed(PodSandboxFilter.newBuilder())).containsExactlyInAnyOrder(first.id(), second.id());
        assertThat(listed(PodSandboxFilter.newBuilder().setId(first.id()))).containsExactly(first.id());
        assertThat(listed(PodSandboxFilter.newBuilder().putLabelSelector("tier", "back"))).containsExactly(second.id());
        assertThat(listed(PodSandboxFilter.newBuilder().putLabelSelector("tier", "none"))).isEmpty();
        assertThat(listed(inState(PodSandboxState.SANDBOX_READY))).containsExactly(first.id());
        assertThat(listed(inState(PodSandboxState.SANDBOX_NOTREADY).putLabelSelector("tier", "front"))).isEmpty();
    }

    private List<String> listed(PodSandboxFilter.Builder filter) {
        return cri.pods(filter.build()).stream().map(PodSandbox::getId).toList();
    }

    private static PodSandboxFilter.Builder inState(PodSandboxState state) {
        return PodSandboxFilter.newBuilder().setState(PodSandboxStateValue.newBuilder().setState(state));
    }

    @Test
    void theSameRequestFindsTheSamePodAndAnotherUnderItsNameIsRefused() throws Exception {
        Pod pod = run("same");

        assertThat(cri.runPod(pod.config())).isEqualTo(pod.id());
        assertRefusedWithoutTrace(Status.Code.ALREADY_EXISTS, () -> cri.runPod(pod.config().toBuilder().setHostname("other").build()), pod.id());
        Pod next = run(pod.config().toBuilder().setMetadata(pod.config().getMetadata().toBuilder().setAttempt(1)));
        assertThat(next.id()).isNotEqualTo(pod.id());
    }

    @Test
    void stoppingAPodEndsItsContainersAndRemovingItRemovesThem() throws Exception {
        Pod pod = run("whole");
        String container = startSleeping(pod);

        cri.stopPod(pod.id());
        var status = cri.containerStatus(container);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);

        cri.removePod(pod.id());
        assertRefused(Status.Code.NOT_FOUND, () -> cri.containerStatus(container), container);
    }

    @Test
    void aRunningPodCanBeRemovedAtOnce() throws Exception {
        Pod pod = run("forced");
        startSleeping(pod);

        cri.removePod(pod.id());
        assertThat(cri.pods()).isEmpty();
    }

    @Test
    void aMappedPortIsReachableOnTheHostAsLongAsThePodIsThere() throws Exception {
        int port = FreePort.pick();
        Pod pod = run(podConfig("ports").addPortMappings(
                PortMapping.newBuilder().setProtocol(Protocol.TCP).setContainerPort(8080).setHostPort(port)));
        start(pod, shell("server", SERVE));

        String ip = cri.podStatus(pod.id()).getNetwork().getIp();
        Await.until("the pod serves", PATIENCE, () -> reached(ip, 8080));
        assertThat(get("127.0.0.1", port)).contains("hello");

        cri.stopPod(pod.id());
        assertThat(get("127.0.0.1", port)).isEmpty();
    }

    @Test
    void aPodInTheHostsNetworkSeesTheHostsLinks() throws Exception {
        Pod pod = run(withNetwork(podConfig("host-net"), NamespaceMode.NODE));
        ContainerConfig.Builder config = sleeping("sleeper");
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE);
        String container = start(pod, config);

        assertThat(cri.sh(container, "readlink /proc/self/ns/net").strip()).isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
        assertThat(cri.podStatus(pod.id()).getLinux().getNamespaces().getOptions().getNetwork()).isEqualTo(NamespaceMode.NODE);
    }

    private static PodSandboxConfig.Builder withNetwork(PodSandboxConfig.Builder config, NamespaceMode mode) {
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setNetwork(mode);
        return config;
    }

    @Test
    void containersOfAPodShareNetworkIpcAndHostnameButNotProcesses() throws Exception {
        Pod pod = run("shared");
        String first = start(pod, sleeping("first"));
        String second = start(pod, sleeping("second"));

        for (String shared : node.driver().can(Feature.ONE_HOSTNAME_NAMESPACE) ? List.of("net", "ipc", "uts") : List.of("net", "ipc")) {
            String link = "readlink /proc/self/ns/" + shared;
            assertThat(cri.sh(first, link)).as(shared).isEqualTo(cri.sh(second, link))
                    .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns", shared)) + "\n");
        }
        assertThat(cri.sh(first, "hostname")).isEqualTo(cri.sh(second, "hostname"));
        assertThat(cri.sh(first, "readlink /proc/1/ns/pid")).isNotEqualTo(cri.sh(second, "readlink /proc/1/ns/pid"));
        assertThat(cri.sh(first, "ls -l /dev/shm && touch /dev/shm/met")).isNotNull();
        assertThat(cri.sh(second, "ls /dev/shm")).contains("met");
    }

    @Test
    void containersSeeEachOthersProcessesWhereThePodSaysSo() throws Exception {
        PodSandboxConfig.Builder config = podConfig("pid-pod");
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.POD);
        Pod pod = run(config);
        ContainerConfig.Builder watcher = sleeping("watcher");
        watcher.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.POD);
        ContainerConfig.Builder seen = Configs.container("seen", IMAGE, "sleep", "54321");
        seen.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.POD);
        String container = start(pod, watcher);
        start(pod, seen);

        Await.until("the other's program is seen", PATIENCE, () -> cri.sh(container, "ps").contains("sleep 54321"));
        assertThat(cri.sh(container, "cat /proc/1/cmdline")).doesNotContain("trap");
    }

    @Test
    void hostnameAndResolverAreThoseOfThePod() throws Exception {
        Pod pod = run(podConfig("named").setHostname("walker-7").setDnsConfig(DNSConfig.newBuilder()
                .addServers("192.0.2.53").addServers("192.0.2.54").addSearches("a.test").addSearches("b.test").addOptions("ndots:5")));
        String container = startSleeping(pod);

        assertThat(cri.sh(container, "hostname")).isEqualTo("walker-7\n");
        assertThat(cri.sh(container, "cat /etc/hostname")).isEqualTo("walker-7\n");
        assertThat(cri.sh(container, "cat /etc/resolv.conf").lines())
                .containsExactlyInAnyOrder("search a.test b.test", "nameserver 192.0.2.53", "nameserver 192.0.2.54", "options ndots:5");
    }

    @Test
    void withoutADnsConfigTheHostsResolverIsUsed() throws Exception {
        String container = startSleeping(run("host-dns"));

        assertThat(cri.sh(container, "cat /etc/resolv.conf")).isEqualTo(Files.readString(Path.of("/etc/resolv.conf")));
    }

    @Test
    void sysctlsOfThePodAreSetInItAndNotOnTheHost() throws Exception {
        // Files.readString would read one character: such files say they are empty, and are not continued.
        List<String> before = Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_local_port_range"));
        PodSandboxConfig.Builder config = podConfig("tuned");
        config.getLinuxBuilder().putSysctls("net.ipv4.ip_local_port_range", "20000 20999").putSysctls("kernel.shm_rmid_forced", "1");
        String container = startSleeping(run(config));

        assertThat(cri.sh(container, "cat /proc/sys/net/ipv4/ip_local_port_range").strip()).isEqualTo("20000\t20999");
        assertThat(cri.sh(container, "cat /proc/sys/kernel/shm_rmid_forced").strip()).isEqualTo("1");
        assertThat(Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))).isEqualTo(before);
    }

    @Test
    void aSysctlOfTheWholeHostIsRefused() throws Exception {
        PodSandboxConfig.Builder config = podConfig("greedy");
        config.getLinuxBuilder().putSysctls("kernel.panic", "10");

        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> cri.runPod(config.build()), "kernel.panic");
    }

    @Test
    void logsLieInThePodsLogDirectory() throws Exception {
        Pod pod = run("logged");
        Files.createDirectory(node.logDirectory("logged").resolve("deep"));
        String container = start(pod, shell("deep", "echo here").setLogPath("deep/0.log"));
        awaitExit(container);

        Path log = node.logDirectory("logged").resolve("deep/0.log");
        assertThat(cri.containerStatus(container).getLogPath()).isEqualTo(log.toString());
        assertThat(LogLine.of(log)).extracting(LogLine::stream, LogLine::tag, LogLine::text).containsExactly(tuple("stdout", "F", "here"));
    }
}
