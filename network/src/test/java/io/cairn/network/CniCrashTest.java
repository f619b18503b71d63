package io.cairn.network;

import static io.cairn.network.CniLab.plugin;
import static io.cairn.network.CniLab.portmap;
import static io.cairn.network.CniLab.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process attaches pods and is killed; another one (this) finds what it left. */
class CniCrashTest {
    private static final String HANG = """
            [ $CNI_COMMAND = ADD ] || exit 0
            while [ ! -e '%s' ]; do sleep 0.05; done
            pass""";

    @TempDir
    Path dir;

    /** The process that is killed: attaches the pods it is told, over and over, and detaches them. */
    static final class Victim {
        public static void main(String[] args) throws Exception {
            Path root = Path.of(args[0]);
            Cni cni = Cni.open(options(root), InstantSource.system());
            var namespaces = new PodNamespaces();
            for (int round = 0; round < Integer.parseInt(args[1]); round++) {
                String id = "pod" + round;
                Path pod = root.resolve("pods").resolve(id);
                Path netns = namespaces.pin(pod, new NamespaceRequest(true, true, true, Option.none(), HashMap.empty())).net().get();
                Files.writeString(root.resolve("progress"), id);
                cni.attach(new AttachRequest(identity(id), netns, List.of(tcp(18080, 80)), Option.none(), List.empty(), List.empty(),
                        Option.none(), HashMap.empty()));
                if (round % 2 == 0) {
                    cni.detach(new DetachRequest(identity(id), Option.some(netns), List.empty()));
                    namespaces.unpin(pod);
                }
            }
        }

        private static PodIdentity identity(String id) {
            return new PodIdentity(id, "default", "pod-" + id, "uid-" + id);
        }

        static CniOptions options(Path root) {
            return CniOptions.defaults(root.resolve("net.d"), List.of(root.resolve("plugins"), CniLab.PLUGINS), root.resolve("state"));
        }
    }

    private Process victim(int rounds) throws Exception {
        var command = new java.util.ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(java.util.List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"), Victim.class.getName(),
                dir.toString(), Integer.toString(rounds)));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(new File(dir.toFile(), "victim.log")).start();
    }

    private static void kill(Process process) throws Exception {
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anAddCutOffBetweenItsPluginsIsUndone() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("hang", HANG.formatted(dir.resolve("go-on")));
            String firewall = "{\"type\": \"firewall\", \"backend\": \"iptables\"}";
            lab.network("1.0.0", lab.bridge(true), firewall, plugin("hang"), portmap());
            Process victim = victim(1);
            try {
                Await.until("the third plugin runs", () -> lab.commands("hang").contains("ADD"));
            } finally {
                kill(victim);
            }
            assertThat(lab.leftovers().mkString("\n")).contains("veth", "MASQUERADE", "CNI-FORWARD", "pod0.json");
            // The orphan goes on while its successor starts; it must not outlive the undoing.
            lab.pluginTimeout = Duration.ofMillis(500);
            lab.cni();
            // It has plugins to run, each of which has as long.
            lab.pluginTimeout = Duration.ofSeconds(20);
            Cni successor = lab.cni();
            lab.script("hang", "true");
            assertThat(successor.attachments()).containsExactly("pod0");
            successor.detach(lab.detachment("pod0"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void anAddCutOffInItsFirstPluginIsUndoneByTheNextAttach() throws Exception {
        CniLab.onOwnNode(dir, lab -> {
            lab.script("bridge", "[ $CNI_COMMAND = ADD ] && touch '%s'\nprintf '%%s' \"$input\" | /usr/lib/cni/bridge"
                    .formatted(dir.resolve("begun")));
            lab.network("1.0.0", lab.bridge(true), portmap());
            Process victim = victim(1);
            try {
                Await.until("the first plugin runs", () -> Files.exists(dir.resolve("begun")));
            } finally {
                kill(victim);
            }
            Cni successor = Cni.open(Victim.options(dir), InstantSource.system());
            assertThat(successor.attachments()).containsExactly("pod0");
            assertThat(successor.attach(lab.request("pod0")).podIps()).hasSize(1);
            successor.check("pod0");
            successor.detach(lab.detachment("pod0"));
            assertThat(lab.leftovers()).isEmpty();
        });
    }

    @Test
    void killedAtAnyMomentNothingLeaks() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        CniLab.onOwnNode(dir, lab -> {
            lab.network("1.0.0", lab.bridge(true), "{\"type\": \"firewall\", \"backend\": \"iptables\"}", portmap());
            for (int i = 0; i < 5; i++) {
                Files.deleteIfExists(dir.resolve("progress"));
                Process victim = victim(50);
                try {
                    Await.until("the first attach begins", () -> Files.exists(dir.resolve("progress")));
                    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(400)).toNanos());
                } finally {
                    kill(victim);
                }
                Cni successor = Cni.open(Victim.options(dir), InstantSource.system());
                for (String id : successor.attachments()) {
                    successor.detach(lab.detachment(id));
                }
                for (var pod : lab.namespaces.list(dir.resolve("pods"))) {
                    successor.detach(lab.detachment(pod.dir().getFileName().toString()));
                    lab.namespaces.unpin(pod.dir());
                }
                assertThat(lab.leftovers()).as("seed %d, round %d", seed, i).isEmpty();
            }
        });
    }
}
