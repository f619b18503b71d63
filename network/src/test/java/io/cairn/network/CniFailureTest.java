package io.cairn.network;

import static io.cairn.network.CniLab.plugin;
import static io.cairn.network.CniLab.portmap;
import static io.cairn.network.CniLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.network.NetworkException.Kind;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that fail, hang, lie or are gone: an error that says so, and nothing left behind. */
class CniFailureTest {
    private static final String FIREWALL = "{\"type\": \"firewall\", \"backend\": \"iptables\"}";

    @TempDir
    Path dir;

    @Test
    void anAddThatFailsHalfwayIsUndone() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("odd", """
                    [ $CNI_COMMAND = ADD ] || exit 0
                    iptables-save | grep -c CNI-DN > '%s'
                    echo '{"cniVersion": "1.0.0", "code": 111, "msg": "no thanks", "details": "it is\\\\nMonday"}'
                    exit 3""".formatted(dir.resolve("rules-seen")));
            lab.network("1.0.0", lab.bridge(true), FIREWALL, portmap(), plugin("odd"));
            Cni cni = lab.cni();
            var failure = catchThrowableOfType(NetworkException.class, () -> cni.attach(lab.request("a", tcp(18080, 80))));
            assertThat(failure).hasMessage("ADD of plugin odd (network lab) failed: no thanks; it is Monday (code 111)");
            assertThat(failure.kind()).isEqualTo(Kind.PLUGIN_FAILED);
            assertThat(failure.plugin().get()).isEqualTo(
                    new NetworkException.PluginError("lab", "odd", "ADD", Option.some(111), "no thanks", "it is Monday"));
            assertThat(Files.readString(dir.resolve("rules-seen")).strip()).as("there was something to undo").isNotEqualTo("0");
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void whatCannotBeUndoneStaysOnRecordUntilItCan() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("odd", "echo 'cannot reach the controller' >&2; exit 1");
            lab.network("1.0.0", lab.bridge(true), plugin("odd"));
            Cni cni = lab.cni();
            assertThatThrownBy(() -> cni.attach(lab.request("a")))
                    .hasMessage("ADD of plugin odd (network lab) failed: exit code 1, saying: cannot reach the controller")
                    .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("DEL of plugin odd"));
            assertThat(lab.leftovers()).as("the other plugins were undone all the same").containsExactlyInAnyOrder("a.json", ".a.progress");
            assertThatThrownBy(() -> cni.detach(lab.detachment("a"))).hasMessageContaining("DEL of plugin odd");
            lab.script("odd", "[ $CNI_COMMAND = DEL ] || pass");
            cni.detach(lab.detachment("a"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void aHangingPluginIsKilledWithItsChildrenAtTheDeadline() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("odd", """
                    [ $CNI_COMMAND = ADD ] || exit 0
                    setsid sleep 987 & sleep 987""");
            lab.network("1.0.0", lab.bridge(true), plugin("odd"));
            // The bridge has as long.
            lab.pluginTimeout = Duration.ofSeconds(5);
            Cni cni = lab.cni();
            Process others = pluginOfAnother("a");
            try {
                assertThatThrownBy(() -> cni.attach(lab.request("a")))
                        .hasMessage("ADD of plugin odd (network lab) did not end within 5000 ms and was killed")
                        .extracting("kind").isEqualTo(Kind.PLUGIN_TIMED_OUT);
                assertThat(pluginProcesses(lab)).isEmpty();
                assertThat(lab.leftovers()).isEmpty();
                assertThat(others.isAlive()).as("the same pod of another daemon").isTrue();
            } finally {
                others.destroyForcibly();
            }
        });
    }

    @Test
    void anInterruptedAttachIsUndoneAndStaysInterrupted() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("odd", "[ $CNI_COMMAND = ADD ] && sleep 987 || true");
            lab.network("1.0.0", lab.bridge(true), plugin("odd"));
            Cni cni = lab.cni();
            AttachRequest request = lab.request("a");
            var outcome = new AtomicReference<NetworkException>();
            var interruptKept = new AtomicReference<Boolean>();
            Thread attaching = Thread.ofPlatform().start(() -> {
                outcome.set(catchThrowableOfType(NetworkException.class, () -> cni.attach(request)));
                interruptKept.set(Thread.currentThread().isInterrupted());
            });
            Await.until("the plugin hangs", () -> lab.commands("odd").contains("ADD"));
            attaching.interrupt();
            assertThat(attaching.join(Duration.ofSeconds(20))).isTrue();
            assertThat(outcome.get().kind()).isEqualTo(Kind.INTERRUPTED);
            assertThat(interruptKept.get()).isTrue();
            assertThat(lab.leftovers()).isEmpty();
            assertThat(pluginProcesses(lab)).isEmpty();
        });
    }

    @Test
    void answersThatAreNoResultsAreRefusedAndUndone() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            var answers = List.of(
                    "true", "expected a JSON object, but got nothing",
                    "echo hello", "not JSON",
                    "echo '[]'", "expected a JSON object",
                    "pass; echo x", "not JSON",
                    "echo '{\"cniVersion\": \"9.9.9\"}'", "expected a result of CNI version 1.0.0",
                    "echo '{\"ips\": [{\"address\": \"10.1\"}]}'", "ips: expected \"address\" in CIDR notation, but got \"\"10.1\"\"",
                    "echo '{\"ips\": [{\"address\": \"10.1.1.1/24\", \"interface\": 4}]}'", "ips: expected \"interface\" to be the index",
                    "yes '0123456789' | head -c 3000000", "at most 1048576 bytes");
            for (int i = 0; i < answers.size(); i += 2) {
                lab.script("odd", "[ $CNI_COMMAND = DEL ] || { %s; }".formatted(answers.get(i)));
                lab.network("1.0.0", lab.bridge(false), plugin("odd"));
                String expected = answers.get(i + 1);
                assertThatThrownBy(() -> lab.cni().attach(lab.request("a"))).hasMessageContaining(expected)
                        .extracting("kind").isEqualTo(Kind.BAD_RESULT);
                assertThat(lab.leftovers()).isEmpty();
            }
        });
    }

    @Test
    void aPluginThatLeavesADaemonBehindIsNotWaitedForForever() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("odd", """
                    case $CNI_COMMAND in
                    ADD) first; sleep 60 & echo $! > '%1$s' ;;
                    DEL) kill $(cat '%1$s') ;;
                    esac""".formatted(dir.resolve("pid")));
            lab.network("1.0.0", plugin("odd"));
            Cni cni = lab.cni();
            assertThat(cni.attach(lab.request("a")).podIps()).hasSize(1);
            lab.cni();
            assertThat(pluginProcesses(lab)).as("it belongs to a finished attachment and outlives a restart").hasSize(1);
            cni.detach(lab.detachment("a"));
            Await.until("the daemon is gone", () -> pluginProcesses(lab).isEmpty());
        });
    }

    @Test
    void aPluginThatWasUninstalledBlocksADetachOnlyForAWhile() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("odd", "[ $CNI_COMMAND = DEL ] || pass");
            lab.network("1.0.0", lab.bridge(true), plugin("odd"));
            var clock = new ManualClock();
            Cni cni = Cni.open(lab.options(), clock);
            cni.attach(lab.request("a"));
            Files.delete(lab.scripts.resolve("odd"));
            assertThatThrownBy(() -> cni.detach(lab.detachment("a"))).extracting("kind").isEqualTo(Kind.PLUGIN_MISSING);
            clock.pass(lab.options().missingPluginGrace().minusMillis(1));
            assertThatThrownBy(() -> cni.detach(lab.detachment("a"))).extracting("kind").isEqualTo(Kind.PLUGIN_MISSING);
            clock.pass(Duration.ofMillis(1));
            Cni.open(lab.options(), clock).detach(lab.detachment("a"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void detachUsesTheConfigurationThePodWasAttachedWith() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(true), FIREWALL, portmap());
            Cni cni = lab.cni();
            cni.attach(lab.request("a", tcp(18080, 80)));
            assertThat(lab.leftovers().size()).isGreaterThan(5);
            Files.writeString(lab.confDir.resolve("00-other.conf"), """
                    {"cniVersion": "0.4.0", "name": "other", "type": "loopback"}""");
            Files.delete(lab.confDir.resolve("10-lab.conflist"));
            cni.detach(lab.detachment("a"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void detachWorksWithoutANamespaceWithoutARecordAndWithoutAConfiguration() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(false), portmap());
            Cni cni = lab.cni();
            cni.attach(lab.request("gone", tcp(18080, 80)));
            lab.namespaces.unpin(lab.podDir("gone"));
            cni.detach(lab.detachment("gone"));
            assertThat(lab.leftovers().filter(l -> !l.contains("veth"))).isEmpty();
            Await.until("the kernel has removed the namespace with its link", () -> lab.leftovers().isEmpty());

            cni.attach(lab.request("lost", tcp(18080, 80)));
            Files.delete(dir.resolve("state/lost.json"));
            cni.detach(lab.detachment("lost", tcp(18080, 80)));
            assertThat(lab.leftovers()).isEmpty();

            cni.attach(lab.request("torn", tcp(18080, 80)));
            Files.writeString(dir.resolve("state/torn.json"), "{\"kind\": \"io.cairn");
            cni.detach(lab.detachment("torn", tcp(18080, 80)));
            assertThat(lab.leftovers()).isEmpty();

            Files.delete(lab.confDir.resolve("10-lab.conflist"));
            cni.detach(lab.detachment("never"));
            cni.detach(new DetachRequest(lab.pod("never"), Option.none(), List.empty()));
        });
    }

    private static Process pluginOfAnother(String id) throws IOException {
        var builder = new ProcessBuilder("sleep", "987");
        builder.environment().putAll(Map.of("CAIRN_CNI_STATE_DIR", "/another", "CNI_CONTAINERID", id, "CNI_COMMAND", "ADD"));
        return builder.start();
    }

    private static List<ProcessHandle> pluginProcesses(CniLab lab) {
        return List.ofAll(ProcessHandle.allProcesses().filter(p -> {
            try (var in = Files.newInputStream(Path.of("/proc/" + p.pid() + "/environ"))) {
                return new String(in.readAllBytes()).contains("CAIRN_CNI_STATE_DIR=" + lab.root);
            } catch (IOException ended) {
                return false;
            }
        }).toList());
    }
}
