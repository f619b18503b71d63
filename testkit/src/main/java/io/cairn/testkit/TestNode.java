package io.cairn.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A node in a temporary directory: configuration, state, run-time directory, CNI network, log directories, certificates. What it
 * makes on the host carries its token in the name, so that several can stand side by side and all of one can be found.
 *
 * <p>{@link #close} takes everything away by force, whether or not a daemon has tidied up before.
 */
public final class TestNode implements AutoCloseable {
    private static final Path FORWARDING = Path.of("/proc/sys/net/ipv4/ip_forward");

    private final String token;
    private final Path root;
    private final int subnet;
    private final String forwardingBefore;

    private TestNode(String token, int subnet) throws IOException {
        this.token = token;
        this.subnet = subnet;
        this.forwardingBefore = Files.readString(FORWARDING);
        this.root = Files.createDirectory(Path.of(System.getProperty("java.io.tmpdir"), "cairn-" + token),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** A node with a pod network. */
    public static TestNode create() throws IOException, InterruptedException {
        TestNode node = createWithoutNetwork();
        node.addNetwork();
        return node;
    }

    /** A node whose directory of network configurations is empty. */
    public static TestNode createWithoutNetwork() throws IOException, InterruptedException {
        var random = new SecureRandom();
        var node = new TestNode(HexFormat.of().toHexDigits(random.nextInt()), freeSubnet(random));
        Files.createDirectory(node.confDir());
        Files.createDirectory(node.certsDir());
        Files.createDirectory(node.root.resolve("logs"));
        node.configure("");
        return node;
    }

    /** Of 198.18.0.0/15, which is for tests of networks (RFC 2544) and so nobody's own. */
    private static int freeSubnet(SecureRandom random) throws IOException, InterruptedException {
        String routes = Tool.run("ip", "-4", "route").orThrow();
        int subnet = random.nextInt(256);
        while (routes.contains("198.18.%d.".formatted(subnet))) {
            subnet = random.nextInt(256);
        }
        return subnet;
    }

    /** Writes the configuration; {@code more} is TOML that comes after the tables written here. */
    public void configure(String more) throws IOException {
        Files.writeString(config(), """
                state_dir = "%1$s/state"
                run_dir = "%1$s/run"

                [journal]
                roll_bytes = "16MiB"
                access_bytes_max = "16MiB"

                [network]
                conf_dir = "%2$s"
                cache_dir = "%3$s"

                [images]
                certs_dirs = ["%4$s"]

                %5$s
                """.formatted(root, confDir(), cniCache(), certsDir(), more));
    }

    public void addNetwork() throws IOException {
        Path fresh = Files.writeString(root.resolve("new.conflist"), """
                {"cniVersion": "1.0.0", "name": "%1$s", "plugins": [
                  {"type": "bridge", "bridge": "%2$s", "isGateway": true, "hairpinMode": true,
                   "ipam": {"type": "host-local", "dataDir": "%3$s",
                            "ranges": [[{"subnet": "198.18.%4$d.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
                  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}]}
                """.formatted(network(), bridge(), ipamDir(), subnet));
        Files.move(fresh, confDir().resolve("10-test.conflist"));
    }

    /** Lets a registry's images be pulled under another name than its address. */
    public void mirror(String name, LoopbackRegistry registry) throws IOException {
        mirror(name, "http://" + registry.address());
    }

    /** @param url of a host that may answer or not */
    public void mirror(String name, String url) throws IOException {
        Path dir = Files.createDirectories(certsDir().resolve(name));
        Files.writeString(dir.resolve("hosts.toml"), """
                server = "%1$s"

                [host."%1$s"]
                capabilities = ["pull", "resolve"]
                """.formatted(url));
    }

    /** Where a kubelet would keep a pod's logs. */
    public Path logDirectory(String pod) throws IOException {
        return Files.createDirectories(root.resolve("logs").resolve(pod));
    }

    public Path root() {
        return root;
    }

    public Path config() {
        return root.resolve("config.toml");
    }

    public Path socket() {
        return root.resolve("run/cairn.sock");
    }

    public Path daemonLog() {
        return root.resolve("daemon.log");
    }

    /** To be every pod's cgroup parent, so that their cgroups can be found. */
    public String cgroupParent() {
        return "/cairn-test-" + token;
    }

    Path stateDir() {
        return root.resolve("state");
    }

    Path runDir() {
        return root.resolve("run");
    }

    Path ociRuntimeRoot() {
        return root.resolve("run/runc");
    }

    Path cniCache() {
        return root.resolve("cni");
    }

    Path ipamDir() {
        return root.resolve("ipam");
    }

    String network() {
        return "cairn-test-" + token;
    }

    /** IFNAMSIZ leaves 15 letters. */
    String bridge() {
        return "crn" + token;
    }

    private Path confDir() {
        return root.resolve("net.d");
    }

    private Path certsDir() {
        return root.resolve("certs.d");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        new Demolition(this, new HostView(this)).run();
        // The bridge plugin turns it on for the whole host.
        if (!Files.readString(FORWARDING).equals(forwardingBefore)) {
            Files.writeString(FORWARDING, forwardingBefore);
        }
    }
}
