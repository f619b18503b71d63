package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.CgroupDriver;
import io.cairn.proto.cri.NetworkConfig;
import io.cairn.proto.cri.RuntimeCondition;
import io.cairn.proto.cri.RuntimeConfig;
import io.cairn.proto.cri.RuntimeConfigRequest;
import io.cairn.proto.cri.RuntimeHandler;
import io.cairn.proto.cri.UpdateRuntimeConfigRequest;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.DaemonProcess;
import io.cairn.testkit.Leaks;
import io.cairn.testkit.TestNode;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class StatusTest extends CriTest {
    @Test
    void theRuntimeTellsItsNameAndTheVersionOfTheApi() {
        var version = cri.version();

        assertThat(version.getRuntimeName()).isEqualTo("cairn");
        assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
        assertThat(version.getRuntimeVersion()).isNotEmpty();
    }

    @Test
    void theRuntimeIsReadyAndKnowsTheDefaultHandler() {
        var status = cri.status();

        assertThat(status.getStatus().getConditionsList()).extracting(RuntimeCondition::getType).containsExactlyInAnyOrder("RuntimeReady", "NetworkReady");
        assertThat(status.getStatus().getConditionsList()).allMatch(RuntimeCondition::getStatus);
        assertThat(status.getRuntimeHandlersList()).extracting(RuntimeHandler::getName).contains("");
    }

    @Test
    void theKubeletIsToldWhoMakesCgroups() {
        boolean systemd = Files.isDirectory(Path.of("/run/systemd/system"));

        assertThat(cri.runtime().runtimeConfig(RuntimeConfigRequest.getDefaultInstance()).getLinux().getCgroupDriver())
                .isEqualTo(systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS);
    }

    @Test
    void theNetworkIsNotReadyUntilAConfigurationAppears() throws Exception {
        try (TestNode bare = TestNode.createWithoutNetwork(); DaemonProcess daemon = DaemonProcess.start(bare)) {
            CriClient client = daemon.client();
            RuntimeCondition network = networkReady(client);
            assertThat(network.getStatus()).isFalse();
            assertThat(network.getReason()).isEqualTo("NetworkPluginNotReady");
            assertThat(network.getMessage()).contains(bare.root().resolve("net.d").toString());

            Leaks leaks = Leaks.since(bare);
            assertRefused(Status.Code.UNAVAILABLE, () -> client.runPod(Configs.pod(bare, "early").build()), "net.d");
            leaks.assertNothingLeft();
            assertThat(client.pods()).isEmpty();

            bare.addNetwork();
            Await.until("the network is ready, without a restart", PATIENCE, () -> networkReady(client).getStatus());
            String id = client.runPod(Configs.pod(bare, "early").build());
            assertThat(client.podStatus(id).getNetwork().getIp()).startsWith("198.18.");
            assertThat(daemon.command("log").orThrow().lines().filter(line -> line.contains("the network is "))).hasSize(2)
                    .first().asString().contains("the network is not ready: no network configuration");
            client.removeEverything();
            leaks.assertNothingLeft();
        }
    }

    @Test
    void aTemplateBecomesTheNetworkWhenTheKubeletTellsTheAddresses() throws Exception {
        try (TestNode bare = TestNode.createWithoutNetwork()) {
            Path template = bare.addNetworkTemplate();
            try (DaemonProcess daemon = DaemonProcess.start(bare)) {
                CriClient client = daemon.client();
                tell(client, "");
                assertThat(networkReady(client).getStatus()).isFalse();
                tell(client, bare.podRange());
                assertThat(networkReady(client).getStatus()).isTrue();
                String id = client.runPod(Configs.pod(bare, "ranged").build());
                assertThat(client.podStatus(id).getNetwork().getIp()).startsWith(bare.podRange().replace("0/24", ""));
                tell(client, bare.podRange());
                assertThat(daemon.command("log").orThrow().lines().filter(line -> line.contains(bare.networkMade() + " is made from " + template))).hasSize(1);
                client.removeEverything();
                Files.writeString(template, "{{.Nothing}}");
                assertRefused(Status.Code.UNKNOWN, () -> tell(client, "198.19.78.0/24"), "cni.template", ".Nothing");
                assertThat(networkReady(client).getStatus()).isTrue();
            }
        }
    }

    private static void tell(CriClient client, String ranges) {
        client.runtime().updateRuntimeConfig(UpdateRuntimeConfigRequest.newBuilder().setRuntimeConfig(RuntimeConfig.newBuilder()
                .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr(ranges))).build());
    }
}
