package io.cairn.network;

import io.cairn.linux.Namespaces;
import io.cairn.linux.Namespaces.Kind;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Map;

/**
 * A node of its own for a test: the test's thread, and with it every plugin, lives in a fresh network namespace. Bridges,
 * addresses, rules and forwarding are those of this node; they cannot meet anything else and are gone with the test.
 */
final class CniLab {
    static final Path PLUGINS = Path.of("/usr/lib/cni");
    private static final String TOP_LEVEL = "-A .*(-j CNI-HOSTPORT-(DNAT|MASQ|SETMARK)|-j CNI-FORWARD|-j CNI-ADMIN|-j MARK --set-xmark.*"
            + "|-m mark --mark 0x2000/0x2000 -j MASQUERADE)";
    static final String NODE_ADDRESS = "198.51.100.7";

    final Path root;
    final Path confDir;
    final Path scripts;
    final PodNamespaces namespaces = new PodNamespaces();
    Duration pluginTimeout = Duration.ofSeconds(20);

    interface Body {
        void run(CniLab lab) throws Exception;
    }

    private CniLab(Path root) throws IOException {
        this.root = root;
        this.confDir = Files.createDirectory(root.resolve("net.d"));
        this.scripts = Files.createDirectory(root.resolve("plugins"));
    }

    static void onOwnNode(Path root, Body body) throws Exception {
        Namespaces.inNew(EnumSet.of(Kind.NET), () -> {
            Namespaces.raiseLoopback();
            Shell.run("ip", "link", "add", "node0", "type", "bridge");
            Shell.run("ip", "addr", "add", NODE_ADDRESS + "/32", "dev", "node0");
            Shell.run("ip", "link", "set", "node0", "up");
            var lab = new CniLab(root);
            try {
                body.run(lab);
            } finally {
                lab.unpinAll();
            }
            return lab;
        });
    }

    private void unpinAll() throws NetworkException {
        for (var found : namespaces.list(root.resolve("pods"))) {
            namespaces.unpin(found.dir());
        }
    }

    CniOptions options() {
        var defaults = CniOptions.defaults(confDir, List.of(scripts, PLUGINS), root.resolve("state"));
        return new CniOptions(confDir, defaults.pluginDirs(), defaults.stateDir(), pluginTimeout, pluginTimeout,
                defaults.missingPluginGrace(), defaults.environment(), defaults.template());
    }

    Cni cni() throws NetworkException {
        return Cni.open(options(), InstantSource.system());
    }

    /** Brings the network {@code lab} with these plugins into force. */
    void network(String version, String... plugins) throws IOException {
        Files.writeString(confDir.resolve("10-lab.conflist"), """
                {"cniVersion": "%s", "name": "lab", "plugins": [%s]}""".formatted(version, String.join(",\n", plugins)));
    }

    String bridge(boolean masquerade) {
        return bridge(masquerade, "[{\"subnet\": \"10.77.3.0/24\"}]");
    }

    String bridge(boolean masquerade, String... ranges) {
        return """
                {"type": "bridge", "bridge": "lab0", "isGateway": true, "ipMasq": %s, "hairpinMode": true, "capabilities": {"ips": true},
                 "ipam": {"type": "host-local", "dataDir": "%s", "ranges": [%s], "routes": [{"dst": "0.0.0.0/0"}]}}"""
                .formatted(masquerade, root.resolve("ipam"), String.join(", ", ranges));
    }

    static String portmap() {
        return "{\"type\": \"portmap\", \"capabilities\": {\"portMappings\": true}}";
    }

    /**
     * A plugin written in shell. It notes each call; {@code pass} answers the previous result, as a plugin with nothing to add
     * does, and {@code first} a result of its own.
     */
    void script(String name, String body) throws IOException {
        Path result = Files.writeString(root.resolve("result.json"), """
                {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0", "sandbox": "/x"}],
                 "ips": [{"address": "10.1.2.3/24", "interface": 0}]}""");
        Path fresh = scripts.resolve(name + ".new");
        Files.writeString(fresh, """
                #!/bin/sh
                input=$(cat)
                echo "$CNI_COMMAND $input" >> '%s'
                pass() { printf '%%s' "$input" | sed 's/.*"prevResult":\\(.*\\)}$/\\1/'; }
                first() { cat '%s'; }
                %s
                """.formatted(calls(name), result, body));
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(fresh, scripts.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The commands a script was called with so far. */
    List<String> commands(String name) throws IOException {
        return Files.exists(calls(name)) ? List.ofAll(Files.readAllLines(calls(name))).map(l -> l.split(" ", 2)[0]) : List.empty();
    }

    /** What a script read at its last call with a command. */
    String request(String name, String command) throws IOException {
        return List.ofAll(Files.readAllLines(calls(name))).findLast(l -> l.startsWith(command + " ")).get().split(" ", 2)[1];
    }

    Path calls(String name) {
        return root.resolve(name + ".calls");
    }

    PodIdentity pod(String id) {
        return new PodIdentity(id, "default", "pod-" + id, "uid-" + id);
    }

    Path podDir(String id) {
        return root.resolve("pods").resolve(id);
    }

    Path pin(String id) throws NetworkException {
        return namespaces.pin(podDir(id), new NamespaceRequest(true, true, true, Option.some("pod-" + id), HashMap.empty())).net().get();
    }

    AttachRequest request(String id, PortMapping... ports) throws NetworkException {
        return new AttachRequest(pod(id), pin(id), List.of(ports), Option.none(), List.empty(), List.empty(), Option.none(),
                HashMap.empty());
    }

    DetachRequest detachment(String id, PortMapping... ports) {
        return new DetachRequest(pod(id), Option.some(podDir(id).resolve("net")), List.of(ports));
    }

    static String plugin(String type) {
        return "{\"type\": \"%s\"}".formatted(type);
    }

    static PortMapping tcp(int hostPort, int containerPort) {
        return new PortMapping(PortMapping.Protocol.TCP, containerPort, hostPort, Option.none());
    }

    /** Listens in a pod, is called from the node, and answers what was read: the pod's own words. */
    String talk(String id, String podAddress, int podPort, SocketAddress from) throws Exception {
        try (ServerSocketChannel server = Namespaces.inside(Map.of(Kind.NET, podDir(id).resolve("net")),
                        () -> ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral(podAddress), podPort)))) {
            Thread answering = Thread.ofPlatform().start(() -> answer(server, "from " + id));
            try (var client = SocketChannel.open()) {
                client.socket().connect(from, 10_000);
                var buffer = ByteBuffer.allocate(100);
                while (client.read(buffer) >= 0) {
                    // until the pod closes
                }
                return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            } finally {
                server.close();
                answering.join();
            }
        }
    }

    private static void answer(ServerSocketChannel server, String words) {
        try (var accepted = server.accept()) {
            accepted.write(ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            // The caller notices: it reads nothing.
        }
    }

    /** What attachments have left on this node: links, addresses on record, rules, our own records. */
    List<String> leftovers() throws Exception {
        var links = List.of(Shell.run("ip", "-o", "link").split("\n")).filter(l -> l.contains("veth") || l.contains("bwp"));
        return links.appendAll(rules()).appendAll(files(root.resolve("ipam/lab")).filter(f -> f.matches("[0-9a-f].*")))
                .appendAll(files(root.resolve("state")));
    }

    /** Rules and chains of single pods: all but the plugins' own top-level chains, which stay for good. */
    List<String> rules() throws Exception {
        return List.of((Shell.run("iptables-save") + Shell.run("ip6tables-save")).split("\n"))
                .filter(l -> l.startsWith("-A ") && !l.matches(TOP_LEVEL) || l.matches(":CNI-(DN-)?[0-9a-f]{16,}.*"));
    }

    static List<String> files(Path dir) throws IOException {
        if (!Files.exists(dir)) {
            return List.empty();
        }
        try (var files = Files.list(dir)) {
            return List.ofAll(files.map(f -> f.getFileName().toString()).toList());
        }
    }
}
