package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.PodIP;
import io.cairn.proto.cri.PodSandboxStatus;
import io.cairn.proto.cri.PortMapping;
import io.cairn.proto.cri.Protocol;
import io.cairn.proto.cri.RuntimeCondition;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.DaemonProcess;
import io.cairn.testkit.FreePort;
import io.cairn.testkit.TestNode;
import io.cairn.testkit.Tool;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class NetworkTest extends CriTest {
    /** A plugin of spec 1.1 without a network: it knows what the spec added, and remembers what it was told. */
    private static final String MODERN_PLUGIN = """
            input=$(cat)
            echo "$CNI_COMMAND $input" >> '%1$s/plugin.calls'
            case $CNI_COMMAND in
            VERSION) echo '{"cniVersion": "1.1.0", "supportedVersions": ["1.0.0", "1.1.0"]}' ;;
            ADD) echo '{"cniVersion": "1.1.0", "ips": [{"address": "192.0.2.7/24"}, {"address": "2001:db8::7/64"}]}' ;;
            STATUS) [ ! -e '%1$s/down' ] || { echo '{"code": 50, "msg": "the controller is away"}'; exit 1; } ;;
            esac
            """;

    @Test
    void aNewNetworkConfigurationIsUsedWithoutARestartAndGivesAddressesOfBothFamilies() throws Exception {
        node.addDualStackNetwork();
        int port = FreePort.pick();
        Pod pod;
        try {
            pod = run(podConfig("dual").putAnnotations("kubernetes.io/ingress-bandwidth", "20M")
                    .putAnnotations("kubernetes.io/egress-bandwidth", "30M")
                    .addPortMappings(PortMapping.newBuilder().setProtocol(Protocol.TCP).setContainerPort(8080).setHostPort(port)));
        } finally {
            node.removeDualStackNetwork();
        }
        String container = start(pod, shell("server", SERVE));

        PodSandboxStatus status = cri.podStatus(pod.id());
        assertThat(status.getNetwork().getIp()).startsWith("198.18.");
        assertThat(status.getNetwork().getAdditionalIpsList()).hasSize(1);
        String second = status.getNetwork().getAdditionalIpsList().stream().map(PodIP::getIp).findFirst().orElseThrow();
        assertThat(InetAddress.ofLiteral(second)).isInstanceOf(Inet6Address.class);
        assertThat(cri.sh(container, "ip -o addr show dev eth0")).contains(status.getNetwork().getIp() + "/24").contains(second + "/64");
        Await.until("the pod serves on both", PATIENCE, () -> reached(status.getNetwork().getIp(), 8080) && reached(second, 8080));
        assertThat(get("127.0.0.1", port)).contains("hello");
        assertThat(Tool.run("tc", "qdisc").orThrow()).contains("rate 20Mbit").contains("rate 30Mbit");

        Pod next = run("single");
        assertThat(cri.podStatus(next.id()).getNetwork().getAdditionalIpsList()).as("of the configuration that was there before").isEmpty();
        cri.stopPod(pod.id());
        assertThat(cri.podStatus(pod.id()).getNetwork().getAdditionalIpsList()).isEmpty();
        assertThat(Tool.run("tc", "qdisc").orThrow()).doesNotContain("rate 20Mbit").doesNotContain("rate 30Mbit");
    }

    @Test
    void pluginsOfSpec11SayWhetherTheyAreReadyAndAreToldAtTheStartWhichPodsThereAre() throws Exception {
        try (TestNode modern = TestNode.createWithoutNetwork()) {
            modern.addPlugin("modern", MODERN_PLUGIN.formatted(modern.root()));
            modern.addNetwork("{\"cniVersion\": \"1.1.0\", \"name\": \"modern\", \"plugins\": [{\"type\": \"modern\"}]}");
            try (DaemonProcess daemon = DaemonProcess.start(modern)) {
                CriClient client = daemon.client();
                assertThat(networkReady(client).getStatus()).isTrue();
                Files.createFile(modern.root().resolve("down"));
                RuntimeCondition away = networkReady(client);
                assertThat(away.getStatus()).isFalse();
                assertThat(away.getReason()).isEqualTo("NetworkPluginNotReady");
                assertThat(away.getMessage()).contains("the controller is away").contains("modern");
                Files.delete(modern.root().resolve("down"));
                assertThat(networkReady(client).getStatus()).isTrue();

                String kept = client.runPod(Configs.pod(modern, "kept").build());
                assertThat(client.podStatus(kept).getNetwork().getIp()).isEqualTo("192.0.2.7");
                assertThat(client.podStatus(kept).getNetwork().getAdditionalIps(0).getIp()).isEqualTo("2001:db8::7");
                String stopped = client.runPod(Configs.pod(modern, "stopped").build());
                client.stopPod(stopped);
                daemon.sigterm();
                daemon.start();

                String told = lastCall(modern.root().resolve("plugin.calls"), "GC");
                assertThat(told).contains("\"cni.dev/valid-attachments\":[{\"containerID\":\"" + kept + "\",\"ifname\":\"eth0\"}]");
                daemon.client().removeEverything();
            }
        }
    }

    private static String lastCall(Path calls, String command) throws Exception {
        return Files.readAllLines(calls).stream().filter(line -> line.startsWith(command + " ")).reduce((first, second) -> second).orElseThrow();
    }
}
