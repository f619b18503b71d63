package io.cairn.network;

import static io.cairn.network.CniLab.plugin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.network.NetworkException.Kind;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins are told and what is made of their answers; the plugins are scripts. */
class CniProtocolTest {
    @TempDir
    Path dir;

    @Test
    void aChainIsCalledAsTheSpecSays() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("one", """
                    [ $CNI_COMMAND = ADD ] || exit 0
                    env | grep '^CNI_' | sort > '%s'
                    first""".formatted(dir.resolve("env")));
            lab.script("two", "[ $CNI_COMMAND = ADD ] && pass | sed 's/10.1.2.3/10.1.2.4/' || true");
            lab.network("1.0.0", "{\"type\": \"one\", \"x\": [1, 2.50, 1e3], \"capabilities\": {\"bandwidth\": true}, \"prevResult\": 1,"
                    + "\"cni.dev/odd\": 1}", "{\"type\": \"two\", \"capabilities\": {\"portMappings\": true, \"dns\": false}}");
            Cni cni = lab.cni();
            Path netns = lab.pin("a");
            var bandwidth = Bandwidth.fromAnnotations(HashMap.of(Bandwidth.INGRESS_ANNOTATION, "10M")).get();
            Attachment attachment = cni.attach(new AttachRequest(lab.pod("a"), netns, List.of(CniLab.tcp(8080, 80), CniLab.tcp(0, 81)),
                    bandwidth, List.empty(), List.empty(), Option.some(new DnsConfig(List.of("10.0.0.10"), List.empty(), List.empty())),
                    HashMap.empty()));

            assertThat(attachment.podIps().map(Attachment.Ip::address)).containsExactly("10.1.2.4");
            assertThat(Files.readString(dir.resolve("env"))).isEqualTo("""
                    CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod-a;K8S_POD_INFRA_CONTAINER_ID=a;K8S_POD_UID=uid-a
                    CNI_COMMAND=ADD
                    CNI_CONTAINERID=a
                    CNI_IFNAME=eth0
                    CNI_NETNS=%s
                    CNI_PATH=%s:/usr/lib/cni
                    """.formatted(netns, lab.scripts));
            assertThat(lab.request("one", "ADD")).isEqualTo(
                    "{\"type\":\"one\",\"x\":[1,2.50,1E+3],\"name\":\"lab\",\"cniVersion\":\"1.0.0\","
                    + "\"runtimeConfig\":{\"bandwidth\":{\"ingressRate\":10000000,\"ingressBurst\":4294967295}}}");
            assertThat(lab.request("two", "ADD")).startsWith(
                    "{\"type\":\"two\",\"name\":\"lab\",\"cniVersion\":\"1.0.0\",\"runtimeConfig\":"
                    + "{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"}]},\"prevResult\":{")
                    .contains("10.1.2.3/24");

            cni.check("a");
            cni.detach(lab.detachment("a"));
            assertThat(lab.request("one", "CHECK")).contains("\"prevResult\":").contains("10.1.2.4/24");
            assertThat(lab.request("one", "DEL")).contains("\"prevResult\":").contains("10.1.2.4/24");
            assertThat(lab.commands("one")).containsExactly("ADD", "CHECK", "DEL");
        });
    }

    @Test
    void deletionGoesThroughTheChainFromItsEnd() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            String order = "echo \"$0 $CNI_COMMAND\" >> '%s'\n".formatted(dir.resolve("order"));
            lab.script("one", order + "[ $CNI_COMMAND = ADD ] && first || true");
            lab.script("two", order + "[ $CNI_COMMAND = ADD ] && pass || true");
            lab.network("0.4.0", plugin("one"), plugin("two"));
            Cni cni = lab.cni();
            cni.attach(lab.request("a"));
            cni.detach(lab.detachment("a"));
            assertThat(Files.readAllLines(dir.resolve("order")).stream().map(l -> l.replaceAll(".*/", "")))
                    .containsExactly("one ADD", "two ADD", "two DEL", "one DEL");
            assertThat(lab.request("two", "ADD")).contains("\"version\":\"4\"");
        });
    }

    @Test
    void anAttachedPodIsAnsweredFromTheRecordAndANewNamespaceIsAttachedAnew() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("one", "[ $CNI_COMMAND = ADD ] && first || true");
            lab.network("1.0.0", plugin("one"));
            Cni cni = lab.cni();
            AttachRequest request = lab.request("a");
            Attachment attachment = cni.attach(request);
            assertThat(cni.attach(request)).isEqualTo(attachment);
            assertThat(lab.cni().attach(request)).as("after a restart").isEqualTo(attachment);
            assertThat(lab.commands("one")).containsExactly("ADD");
            assertThat(cni.attachments()).containsExactly("a");

            Path other = lab.pin("other");
            cni.attach(new AttachRequest(lab.pod("a"), other, List.empty(), Option.none(), List.empty(), List.empty(), Option.none(),
                    HashMap.empty()));
            assertThat(lab.commands("one")).containsExactly("ADD", "DEL", "ADD");
        });
    }

    @Test
    void recordsAreForTheirOwnerOnly() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("one", "first");
            lab.network("1.0.0", plugin("one"));
            lab.cni().attach(lab.request("a"));
            assertThat(CniLab.files(dir.resolve("state"))).containsExactly("a.json");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("state")))).isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("state/a.json")))).isEqualTo("rw-------");
        });
    }

    @Test
    void annotationsReachOnlyPluginsThatDeclareThem() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("one", "first");
            lab.network("1.0.0", """
                    {"type": "one", "capabilities": {"io.kubernetes.cri.pod-annotations": true, "ipRanges": true}}""");
            var ranges = List.of(List.of(new IpRange("10.9.0.0/24", Option.some("10.9.0.7"), Option.none(), Option.none())));
            lab.cni().attach(new AttachRequest(lab.pod("a"), lab.pin("a"), List.empty(), Option.none(), ranges, List.empty(), Option.none(),
                    HashMap.of("k", "v")));
            assertThat(lab.request("one", "ADD")).contains("\"io.kubernetes.cri.pod-annotations\":{\"k\":\"v\"}")
                    .contains("\"ipRanges\":[[{\"subnet\":\"10.9.0.0/24\",\"rangeStart\":\"10.9.0.7\"}]]");
        });
    }

    @Test
    void statusSaysWhyThereIsNoNetwork() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            Cni cni = lab.cni();
            assertThat(reason(cni)).contains("no network configuration").contains(lab.confDir.toString());
            Files.writeString(lab.confDir.resolve("00-broken.conf"), "{\"name\": ");
            assertThat(reason(cni)).contains("00-broken.conf: not JSON at line 1");
            lab.network("1.0.0", plugin("absent"));
            assertThat(reason(cni)).contains("plugin absent").contains(lab.scripts.toString()).contains("/usr/lib/cni");
            assertThatThrownBy(() -> cni.attach(lab.request("a"))).extracting("kind").isEqualTo(Kind.PLUGIN_MISSING);
            lab.network("1.1.0", plugin("bridge"));
            assertThat(reason(cni)).contains("CNI version 1.1.0").contains("plugin bridge only speaks");
            lab.network("1.0.0", plugin("bridge"));
            assertThat(cni.status()).isInstanceOfSatisfying(NetworkStatus.Ready.class, ready -> {
                assertThat(ready.network()).isEqualTo("lab");
                assertThat(ready.plugins()).containsExactly("bridge");
                assertThat(ready.notes().mkString()).contains("00-broken.conf");
            });
        });
    }

    private static String reason(Cni cni) {
        return assertThat(cni.status()).asInstanceOf(type(NetworkStatus.NotReady.class)).actual().reason();
    }

    @Test
    void pluginsOfSpec11TellTheirStatusAndCollectGarbage() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("one", """
                    case $CNI_COMMAND in
                    ADD) first ;;
                    STATUS) [ ! -e '%s' ] || { echo '{"code": 50, "msg": "no addresses left", "details": "pool a"}'; exit 1; } ;;
                    esac""".formatted(dir.resolve("down")));
            lab.network("1.1.0", plugin("one"));
            Cni cni = lab.cni();
            assertThat(cni.status()).isInstanceOf(NetworkStatus.Ready.class);
            Files.createFile(dir.resolve("down"));
            assertThat(reason(cni)).isEqualTo("STATUS of plugin one (network lab) failed: no addresses left; pool a (code 50)");
            cni.attach(lab.request("a"));
            cni.attach(lab.request("b"));
            cni.gc(HashSet.of("a"));
            assertThat(cni.attachments()).containsExactly("a");
            assertThat(lab.commands("one").takeRight(2)).containsExactly("DEL", "GC");
            assertThat(lab.request("one", "GC"))
                    .contains("\"cni.dev/valid-attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth0\"}]")
                    .contains("\"cni.dev/attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth0\"}]");
        });
    }

    @Test
    void theHighestVersionThatAllPluginsSpeakIsUsed() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("one", """
                    case $CNI_COMMAND in
                    ADD) first ;;
                    VERSION) echo '{"cniVersion": "1.1.0", "supportedVersions": ["0.3.1", "0.4.0", "1.0.0"]}' ;;
                    esac""");
            Files.writeString(lab.confDir.resolve("10-lab.conflist"), """
                    {"cniVersion": "0.3.1", "cniVersions": ["1.0.0", "1.1.0", "7.0.0", "0.4.0"], "name": "lab",
                     "plugins": [{"type": "one"}]}""");
            Cni cni = lab.cni();
            cni.attach(lab.request("a"));
            cni.attach(lab.request("b"));
            assertThat(lab.request("one", "ADD")).contains("\"cniVersion\":\"1.0.0\"");
            assertThat(lab.commands("one")).as("asked once").containsExactly("VERSION", "ADD", "ADD");
        });
    }

    @Test
    void whatARequestBringsAlongIsCheckedBeforeAnythingRuns() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("one", "first");
            lab.network("1.0.0", plugin("one"));
            Cni cni = lab.cni();
            AttachRequest good = lab.request("a");
            refused(cni, new PodIdentity("../a", "default", "n", "u"), good.netns(), List.empty());
            refused(cni, new PodIdentity("a", "default;IP=10.0.0.1", "n", "u"), good.netns(), List.empty());
            refused(cni, new PodIdentity("a", "default", "n=m", "u"), good.netns(), List.empty());
            refused(cni, good.pod(), Files.createFile(dir.resolve("no-namespace")), List.empty());
            refused(cni, good.pod(), good.netns(), List.of(CniLab.tcp(65536, 80)));
            refused(cni, good.pod(), good.netns(), List.of(CniLab.tcp(80, 0)));
            refused(cni, good.pod(), good.netns(), List.of(new PortMapping(PortMapping.Protocol.UDP, 80, 80, Option.some("localhost"))));
            assertThat(lab.commands("one")).isEmpty();
            assertThat(cni.attachments()).isEmpty();
        });
    }

    private static void refused(Cni cni, PodIdentity pod, Path netns, List<PortMapping> ports) {
        var request = new AttachRequest(pod, netns, ports, Option.none(), List.empty(), List.empty(), Option.none(), HashMap.empty());
        assertThatThrownBy(() -> cni.attach(request)).extracting("kind").isEqualTo(Kind.INVALID_REQUEST);
    }

    @Test
    void podsAreAttachedInParallelButNotTwiceAtATime() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            // Each waits for the other: only in parallel can they end.
            lab.script("one", """
                    [ $CNI_COMMAND = ADD ] || exit 0
                    mkdir '%1$s'.$CNI_CONTAINERID || exit 9
                    until [ -d '%1$s'.a ] && [ -d '%1$s'.b ]; do sleep 0.01; done
                    first""".formatted(dir.resolve("busy")));
            lab.network("1.0.0", plugin("one"));
            Cni cni = lab.cni();
            var requests = List.of(lab.request("a"), lab.request("b"), lab.request("a"), lab.request("b"));
            var failures = new java.util.concurrent.ConcurrentLinkedQueue<Exception>();
            var threads = requests.map(r -> Thread.ofPlatform().start(() -> {
                try {
                    cni.attach(r);
                } catch (Exception e) {
                    failures.add(e);
                }
            }));
            for (Thread thread : threads) {
                assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
            }
            assertThat(failures).isEmpty();
            assertThat(lab.commands("one")).containsExactly("ADD", "ADD");
        });
    }
}
