package io.cairn.network;

import static io.cairn.network.CniLab.portmap;
import static io.cairn.network.CniLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            assertThat(lab.talk("a", address, 8080, new InetSocketAddress(address, 8080))).isEqualTo("from a");
            cni.check("a");
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
}
