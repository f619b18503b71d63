package io.cairn.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A node in a temporary directory: configuration, state, run-time directory, CNI network, log directories, certificates. What it
 * makes on the host carries its token in the name, so that several can stand side by side and all of one can be found.
 *
 * <p>{@link #close} takes everything away by force, whether or not a daemon has tidied up before.
 */
public final class TestNode implements AutoCloseable {
    /** The bridge plugin turns it on for the whole host. */
    private static final List<Path> FORWARDING =
            List.of(Path.of("/proc/sys/net/ipv4/ip_forward"), Path.of("/proc/sys/net/ipv6/conf/all/forwarding"));

    private final DriverUnderTest driver = DriverUnderTest.chosen();
    private final String token;
    private final Path root;
    private final PodRange podRange;
    private final List<String> forwardingBefore = new ArrayList<>();

    private TestNode(Path parent, String token, PodRange podRange) throws IOException {
        this.token = token;
        this.podRange = podRange;
        for (Path file : FORWARDING) {
            forwardingBefore.add(Files.readString(file));
        }
        this.root = Files.createDirectory(parent.resolve("cairn-" + token),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // Pods with users of their own must come to their root file systems.
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** A node with a pod network. */
    public static TestNode create() throws IOException, InterruptedException {
        TestNode node = createWithoutNetwork();
        node.addNetwork();
        return node;
    }

    /** A node whose directory of network configurations is empty. */
    public static TestNode createWithoutNetwork() throws IOException, InterruptedException {
        return createWithoutNetwork(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The same in a directory that pods with users of their own can pass. */
    public static TestNode createWithoutNetwork(Path parent) throws IOException, InterruptedException {
        var node = new TestNode(parent, HexFormat.of().toHexDigits(new SecureRandom().nextInt()), PodRange.take());
        Files.createDirectory(node.confDir());
        Files.createDirectory(node.certsDir());
        Files.createDirectory(node.pluginDir());
        Files.createDirectory(node.root.resolve("logs"));
        node.newBoot();
        node.configure("");
        node.driver.begin(node);
        return node;
    }

    /** Writes the configuration; {@code more} is TOML that comes after the tables written here. */
    public void configure(String more) throws IOException {
        Files.writeString(config(), """
                driver = "%8$s"
                state_dir = "%1$s/state"
                run_dir = "%1$s/run"
                boot_id_file = "%1$s/boot-id"

                [journal]
                roll_bytes = "16MiB"
                access_bytes_max = "16MiB"

                [network]
                conf_dir = "%2$s"
                cache_dir = "%3$s"
                bin_dirs = ["%4$s", "/opt/cni/bin", "/usr/lib/cni"]

                [images]
                certs_dirs = ["%5$s"]

                [devices]
                cdi_dirs = ["%6$s"]

                %7$s

                %9$s
                """.formatted(root, confDir(), cniCache(), pluginDir(), certsDir(), cdiDir(), more, driver.name(), driver.configuration(this)));
    }

    /** Adds to the configuration, which the next start of a daemon reads. */
    public void addConfiguration(String name, String toml) throws IOException {
        Path dir = Files.createDirectories(root.resolve("config.d"));
        Files.writeString(dir.resolve(name + ".toml"), toml);
    }

    /** The host is booted anew, as far as a node can tell; its daemon must have been killed before. What lies on disk stays. */
    public void reboot() throws IOException, InterruptedException {
        driver.end(this);
        new Demolition(this, new HostView(this)).reboot();
        newBoot();
        driver.begin(this);
    }

    private void newBoot() throws IOException {
        Files.writeString(root.resolve("boot-id"), UUID.randomUUID() + "\n");
    }

    public void addNetwork() throws IOException {
        addNetwork(network(podRange()));
    }

    /** The addresses of its pods. */
    public String podRange() {
        return podRange.cidr();
    }

    private String network(String range) {
        return """
                {"cniVersion": "1.0.0", "name": "%s", "plugins": [%s,
                  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}]}
                """.formatted(network(), bridgePlugin("[{\"subnet\": \"%s\"}]".formatted(range), "0.0.0.0/0"));
    }

    /** Lets the daemon make the network of this template, once it is told {@link #podRange}. @return the template */
    public Path addNetworkTemplate() throws IOException {
        Path template = Files.writeString(root.resolve("cni.template"), network("{{.PodCIDR}}"));
        addConfiguration("template", "[network]\nconf_template = \"%s\"\n".formatted(template));
        return template;
    }

    /** The network configuration that the daemon makes. */
    public Path networkMade() {
        return confDir().resolve("10-cairn.conflist");
    }

    /** One that comes before the node's other one: pods get an address of each family, and their traffic can be limited. */
    public void addDualStackNetwork() throws IOException {
        String ranges = "[{\"subnet\": \"198.18.%1$d.0/24\"}], [{\"subnet\": \"2001:2:0:%1$x::/64\"}]".formatted(podRange.number());
        addNetwork("05-dual", """
                {"cniVersion": "1.0.0", "name": "%s", "plugins": [%s,
                  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true},
                  {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
                """.formatted(network(), bridgePlugin(ranges, "0.0.0.0/0", "::/0")));
    }

    private String bridgePlugin(String ranges, String... destinations) {
        String routes = Stream.of(destinations).map("{\"dst\": \"%s\"}"::formatted).collect(Collectors.joining(", "));
        return """
                {"type": "bridge", "bridge": "%s", "isGateway": true, "hairpinMode": true,
                 "ipam": {"type": "host-local", "dataDir": "%s", "ranges": [%s], "routes": [%s]}}""".formatted(bridge(), ipamDir(), ranges, routes);
    }

    /** A network of one's own making; only what bears this node's names is taken away by {@link #close}. */
    public void addNetwork(String conflist) throws IOException {
        addNetwork("10-test", conflist);
    }

    /** Brings a network configuration into force as an installer does: whole, at one moment. */
    private void addNetwork(String name, String conflist) throws IOException {
        Path fresh = Files.writeString(root.resolve("new.conflist"), conflist);
        Files.move(fresh, confDir().resolve(name + ".conflist"));
    }

    public void removeDualStackNetwork() throws IOException {
        Files.delete(confDir().resolve("05-dual.conflist"));
    }

    /** Installs a network plugin: a shell script. */
    public void addPlugin(String name, String script) throws IOException {
        Path file = Files.writeString(pluginDir().resolve(name), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
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

    /** Where the driver's backend keeps everything of its own, if it has anything; made by the driver. */
    public Path backendDir() {
        return root.resolve("backend");
    }

    /** Where devices are described; made by whoever describes some. */
    public Path cdiDir() {
        return root.resolve("cdi");
    }

    /** Where a kubelet would keep a pod's logs. */
    public Path logDirectory(String pod) throws IOException {
        return Files.createDirectories(root.resolve("logs").resolve(pod));
    }

    /** What the daemon runs pods with. */
    public DriverUnderTest driver() {
        return driver;
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

    /** Is in the names of all that it makes on the host. */
    public String token() {
        return token;
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
    public String bridge() {
        return "crn" + token;
    }

    private Path confDir() {
        return root.resolve("net.d");
    }

    private Path pluginDir() {
        return root.resolve("plugins");
    }

    private Path certsDir() {
        return root.resolve("certs.d");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        driver.end(this);
        new Demolition(this, new HostView(this)).run();
        for (int i = 0; i < FORWARDING.size(); i++) {
            if (!Files.readString(FORWARDING.get(i)).equals(forwardingBefore.get(i))) {
                Files.writeString(FORWARDING.get(i), forwardingBefore.get(i));
            }
        }
        podRange.close();
    }
}
