package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.UserNamespace;
import io.cairn.testkit.DriverUnderTest.Feature;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Pods with a user namespace of their own: {@code hostUsers: false}. */
final class UsersTest extends CriTest {
    private static final IDMapping IDS = IDMapping.newBuilder().setHostId(300_000).setLength(65_536).build();
    private static final UserNamespace USERS = UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(IDS).addGids(IDS).build();

    private PodSandboxConfig.Builder withUsers(String name, UserNamespace users) throws Exception {
        PodSandboxConfig.Builder config = podConfig(name);
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setUsernsOptions(users);
        return config;
    }

    /** As the kubelet sends it, with the pod's options in each container. */
    private static ContainerConfig.Builder withUsers(ContainerConfig.Builder config) {
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setUsernsOptions(USERS);
        return config;
    }

    /** Where the backend cannot have them, the node says so, and such a pod is not made. */
    private boolean areRefused() throws Exception {
        boolean can = node.driver().can(Feature.USERS_OF_PODS);
        assertThat(cri.status().getRuntimeHandlersList()).anyMatch(h -> h.getName().isEmpty() && h.getFeatures().getUserNamespaces() == can);
        if (!can) {
            PodSandboxConfig config = withUsers("guests", USERS).build();
            assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> cri.runPod(config), node.driver().name(), "user namespace");
        }
        return !can;
    }

    @Test
    void rootOfSuchAPodIsNobodyOnTheHost() throws Exception {
        if (areRefused()) {
            return;
        }
        String id = start(run(withUsers("guests", USERS)), withUsers(sleeping("guest")));

        assertThat(cri.sh(id, "id -u; cat /proc/self/uid_map").split("\\s+")).containsExactly("0", "0", "300000", "65536");
        assertThat(Files.getAttribute(Path.of("/proc", Long.toString(cri.pid(id))), "unix:uid")).isEqualTo(300_000);
        assertThat(cri.sh(id, "touch /made && stat -c %u:%g /made /bin/busybox")).isEqualTo("0:0\n0:0\n");
        assertThat(cri.sh(id, "echo 1 > /proc/sys/kernel/panic || echo refused")).contains("refused");
    }

    @Test
    void itsNetworkIsItsOwnWithItsAddress() throws Exception {
        if (areRefused()) {
            return;
        }
        Pod pod = run(withUsers("guest-linked", USERS));
        ContainerConfig.Builder config = withUsers(sleeping("linked"));
        config.getLinuxBuilder().getSecurityContextBuilder().getCapabilitiesBuilder().addAddCapabilities("NET_ADMIN");
        String id = start(pod, config);

        assertThat(cri.sh(id, "ip -4 addr show eth0")).contains(cri.podStatus(pod.id()).getNetwork().getIp());
        assertThat(cri.sh(id, "ip addr add 192.0.2.7/32 dev lo && ls /sys/class/net")).isEqualTo("eth0\nlo\n");
        assertThat(cri.sh(id, "ping -c 1 -W 5 " + cri.podStatus(pod.id()).getNetwork().getIp())).contains("1 packets received");
    }

    @Test
    void itCanBeOnTheHostsNetworkWithoutPowerOverIt() throws Exception {
        if (areRefused()) {
            return;
        }
        PodSandboxConfig.Builder config = withUsers("outdoors", USERS);
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE);
        ContainerConfig.Builder container = withUsers(sleeping("outdoors"));
        container.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE);
        container.getLinuxBuilder().getSecurityContextBuilder().getCapabilitiesBuilder().addAddCapabilities("NET_ADMIN");
        String id = start(run(config), container);

        assertThat(cri.sh(id, "readlink /proc/self/ns/net").strip()).isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
        assertThat(cri.sh(id, "ip addr add 192.0.2.7/32 dev lo 2>&1 || echo refused")).contains("refused");
        assertThat(cri.status().getFeatures().getUserNamespacesHostNetwork()).isTrue();
    }

    @Test
    void itsVolumesBelongToItsUsersAndOnTheHostToTheHosts() throws Exception {
        if (areRefused()) {
            return;
        }
        Path volume = Files.createDirectories(node.logDirectory("guest-volumes").resolve("volume"));
        Files.setAttribute(Files.writeString(volume.resolve("file"), "x"), "unix:uid", 1000);
        Mount.Builder mount = Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/v").addUidMappings(IDS).addGidMappings(IDS);
        Pod pod = run(withUsers("guest-volumes", USERS));

        assertThat(output(pod, withUsers(shell("writer", "stat -c %u /v/file; echo y > /v/new")).addMounts(mount))).isEqualTo("1000\n");
        assertThat(Files.getAttribute(volume.resolve("new"), "unix:uid")).isEqualTo(0);
        assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, withUsers(sleeping("incapable")).addMounts(
                mount.setHostPath("/proc"))), "/proc");
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, withUsers(sleeping("other")).addMounts(
                mount.setHostPath(volume.toString()).setUidMappings(0, IDS.toBuilder().setHostId(400_000)))), "/v");
    }

    @Test
    void itsContainersCanShareTheirProcesses() throws Exception {
        if (areRefused()) {
            return;
        }
        PodSandboxConfig.Builder config = withUsers("sharing", USERS);
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.POD);
        Pod pod = run(config);
        ContainerConfig.Builder sharing = withUsers(sleeping("sharing"));
        sharing.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.POD);

        assertThat(cri.sh(start(pod, sharing), "cat /proc/1/cmdline")).startsWith("/init");
    }

    @Test
    void usersThatCannotBeAreRefused() throws Exception {
        boolean can = node.driver().can(Feature.USERS_OF_PODS);
        for (UserNamespace wrong : new UserNamespace[] {
                USERS.toBuilder().addUids(IDS).build(),
                USERS.toBuilder().clearGids().build(),
                USERS.toBuilder().setUids(0, IDS.toBuilder().setContainerId(1)).build(),
                USERS.toBuilder().setUids(0, IDS.toBuilder().setLength(-1)).build(),
                USERS.toBuilder().setMode(NamespaceMode.CONTAINER).build()}) {
            PodSandboxConfig config = withUsers("wrong", wrong).build();
            // Who cannot have any does not look how they are mapped.
            boolean looked = can || wrong.getMode() != NamespaceMode.POD;
            assertRefusedWithoutTrace(looked ? Status.Code.INVALID_ARGUMENT : Status.Code.UNIMPLEMENTED, () -> cri.runPod(config),
                    looked ? "userns_options" : "user namespace");
        }
        Pod pod = run("ordinary");
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, withUsers(sleeping("odd"))), "userns_options");
    }
}
