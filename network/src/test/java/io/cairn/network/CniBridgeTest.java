package io.cairn.network;

import static io.cairn.network.CniLab.portmap;
import static io.cairn.network.CniLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's plugins, real links, addresses, rules and traffic. */
class CniBridgeTest {
    @TempDir
    Path dir;

    @Test
    void aPodIsReachableOnItsAddressUntilItIsDetached() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(true), portmap());
            Cni cni = lab.cni();
            assertThat(cni.status()).isInstanceOf(NetworkStatus.Ready.class);
            Attachment a = cni.attach(lab.request("a"));
            Attachment b = cni.attach(lab.request("b"));
            assertThat(a.podIps()).hasSize(1);
            String address = a.podIps().head().address();
            assertThat(address).startsWith("10.77.3.").isNotEqualTo(b.podIps().head().address());
            assertThat(a.podIps().head().gateway()).contains("10.77.3.1");
            assertThat(a.routes()).contains(new Attachment.Route("0.0.0.0/0", Option.none()));
            assertThat(a.interfaces().map(Attachment.Interface::name)).contains("lab0", "eth0");
            assertThat(lab.talk("a", address, 8080, new InetSocketAddress(address, 8080))).isEqualTo("from a");
            cni.check("a");
            cni.detach(lab.detachment("a"));
            cni.detach(lab.detachment("a"));
            cni.detach(lab.detachment("b"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void aHostPortLeadsToThePod() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(true), portmap());
            Cni cni = lab.cni();
            String address = cni.attach(lab.request("a", tcp(18080, 80))).podIps().head().address();
            assertThat(lab.talk("a", address, 80, new InetSocketAddress(CniLab.NODE_ADDRESS, 18080))).isEqualTo("from a");
            assertThat(lab.talk("a", address, 80, new InetSocketAddress("127.0.0.1", 18080))).isEqualTo("from a");
            assertThat(lab.rules()).isNotEmpty();
            cni.detach(lab.detachment("a"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void aPodMayHaveAddressesOfBothFamilies() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(true, "[{\"subnet\": \"10.77.3.0/24\"}]", "[{\"subnet\": \"fd77:3::/64\"}]"), portmap());
            Cni cni = lab.cni();
            var ips = cni.attach(lab.request("a", tcp(18080, 80))).podIps().map(Attachment.Ip::address);
            assertThat(ips).hasSize(2);
            assertThat(ips.get(0)).startsWith("10.77.3.");
            assertThat(ips.get(1)).startsWith("fd77:3::");
            Await.until("the node may use its own address",
                    () -> Shell.run("ip", "-6", "addr", "show", "dev", "lab0", "tentative").isEmpty());
            assertThat(lab.talk("a", ips.get(1), 8080, new InetSocketAddress(ips.get(1), 8080))).isEqualTo("from a");
            cni.detach(lab.detachment("a"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void aChainOfFirewallTuningAndBandwidthIsAppliedCheckedAndRemoved() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(true), "{\"type\": \"firewall\", \"backend\": \"iptables\"}", portmap(),
                    "{\"type\": \"tuning\", \"sysctl\": {\"net.core.somaxconn\": \"511\"}}",
                    "{\"type\": \"bandwidth\", \"capabilities\": {\"bandwidth\": true}}");
            Cni cni = lab.cni();
            var annotations = HashMap.of(Bandwidth.INGRESS_ANNOTATION, "20M", Bandwidth.EGRESS_ANNOTATION, "30M");
            Attachment attachment = cni.attach(new AttachRequest(lab.pod("a"), lab.pin("a"), List.empty(),
                    Bandwidth.fromAnnotations(annotations).get(), List.empty(), List.of("10.77.3.99"), Option.none(), annotations));
            assertThat(attachment.podIps().map(Attachment.Ip::address)).containsExactly("10.77.3.99");
            assertThat(Shell.run("tc", "qdisc")).contains("rate 20Mbit").contains("rate 30Mbit");
            cni.check("a");
            Shell.run("nsenter", "--net=" + lab.podDir("a").resolve("net"), "ip", "addr", "del", "10.77.3.99/24", "dev", "eth0");
            assertThatThrownBy(() -> cni.check("a")).hasMessageContaining("CHECK of plugin bridge");
            Shell.run("nsenter", "--net=" + lab.podDir("a").resolve("net"), "ip", "addr", "add", "10.77.3.99/24", "dev", "eth0");
            cni.detach(lab.detachment("a"));
            assertThat(lab.leftovers()).isEmpty();
            assertThatThrownBy(() -> cni.check("a")).hasMessageContaining("not attached");
        });
    }

    @Test
    void configurationsOfOlderSpecsWork() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            for (String version : List.of("0.3.1", "0.4.0")) {
                lab.network(version, lab.bridge(true), portmap());
                Cni cni = lab.cni();
                assertThat(cni.attach(lab.request("a")).podIps()).hasSize(1);
                cni.check("a");
                cni.detach(lab.detachment("a"));
                assertThat(lab.leftovers()).isEmpty();
            }
            String single = lab.bridge(false).replaceFirst("\\{", "{\"cniVersion\": \"0.4.0\", \"name\": \"lab\", ");
            Files.writeString(lab.confDir.resolve("05-single.conf"), single);
            Cni cni = lab.cni();
            assertThat(cni.attach(lab.request("b")).podIps()).hasSize(1);
            cni.detach(lab.detachment("b"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void manyPodsAtOnceGetDifferentAddressesAndLeaveNothing() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(true), portmap());
            Cni cni = lab.cni();
            var addresses = new ConcurrentLinkedQueue<String>();
            var failures = new ConcurrentLinkedQueue<Exception>();
            var requests = List.range(0, 8).map(i -> "pod" + i);
            // Platform threads made here: they and the plugins they run are on this test's node.
            var threads = requests.map(id -> Thread.ofPlatform().start(() -> {
                try {
                    addresses.add(cni.attach(lab.request(id)).podIps().head().address());
                    cni.detach(lab.detachment(id));
                } catch (Exception e) {
                    failures.add(e);
                }
            }));
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            assertThat(addresses).hasSize(8).doesNotHaveDuplicates();
            assertThat(lab.leftovers()).isEmpty();
        });
    }
}
