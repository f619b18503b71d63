package io.cairn.app.config;

import io.cairn.app.config.CairnConfig.CgroupDriver;
import io.cairn.app.config.CairnConfig.LogFormat;
import io.cairn.app.config.CairnConfig.LogLevel;
import io.cairn.app.config.CairnConfig.Switch;
import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import io.vavr.control.Option;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Every section and key of the configuration: name, type, range, default and comment. The loader, `config default`,
 * `config show` and {@link ConfigRecords} know no key that is not in here.
 */
final class ConfigTable {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;

    static final String HANDLERS = "runtime_handlers";
    private static final String HANDLER = HANDLERS + "." + Key.ANY;

    /** sockaddr_un has 108 bytes for a path and its NUL (unix(7)). */
    private static final Kind<Path> SOCKET_PATH = new Kinds.AbsolutePath(107);
    /** Leaves the socket's default room in those 108 bytes. */
    private static final Kind<Path> RUN_PATH = new Kinds.AbsolutePath(90);
    private static final Kind<Path> PATH = new Kinds.AbsolutePath(Kinds.PATH_BYTES_MAX);
    private static final Kind<Option<Path>> AUTO_OR_PATH = new Kinds.PathOr("auto");
    private static final Kind<String> DRIVER_NAME = new Kinds.Text(Pattern.compile("runc|containerd|docker"),
            "the name of a driver: \"runc\", \"containerd\" or \"docker\"");
    /** An identifier of containerd's (its pkg/identifiers). */
    private static final Kind<String> CONTAINERD_NAME = new Kinds.Text(Pattern.compile("[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+){0,30}"),
            "a name of letters, digits and single inner dots, dashes and underscores");
    private static final Kind<String> CONTAINERD_RUNTIME_NAME = new Kinds.Text(Pattern.compile("[a-z0-9]+(?:\\.[a-z0-9-]+){1,10}"),
            "the name of a containerd runtime such as \"io.containerd.runc.v2\"");
    /** Part of the names of images in the engine, which know no capitals. */
    private static final Kind<String> OWNER_NAME = new Kinds.Text(Pattern.compile("[a-z0-9]{1,32}(?:[._-][a-z0-9]{1,32}){0,3}"),
            "a name of lower-case letters, digits and at most three single inner dots, dashes and underscores");
    private static final Kind<String> IMAGE = new Kinds.Text(Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]-]{0,511}"),
            "an image reference such as \"registry.k8s.io/pause:3.10\"");
    private static final String RESTORE_IMAGES =
            "Whether containers go on from images that hold a checkpoint. Who makes such an image chooses what its processes may do.";
    private static final Kind<String> ARGUMENT = new Kinds.Text(Pattern.compile("[^\\x00]{1,4096}"), "an argument that is not empty");

    /** What crosses the network in clear text could be read there, and changed. */
    private static final Kind<String> LOOPBACK = new Kinds.Text(Pattern.compile("::1|127(\\.(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}"),
            "an address of the loopback interface such as \"127.0.0.1\" or \"::1\"");

    /** A RuntimeClass handler is a DNS label (Kubernetes API, node.k8s.io/v1). */
    static final Kind<String> HANDLER_NAME = new Kinds.Text(Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
            "a handler name of lower-case letters, digits and inner dashes, at most 63");

    static final Key<Path> STATE_DIR = key("", "state_dir", PATH, Path.of("/var/lib/cairn"),
            "What outlives a reboot: journal, projection, images. Only one daemon at a time can use it.");
    static final Key<Path> RUN_DIR = key("", "run_dir", RUN_PATH, Path.of("/run/cairn"),
            "What a reboot clears: namespaces, runtime state, sockets. Best on a tmpfs.");
    static final Key<Path> SOCKET = derived("", "socket", SOCKET_PATH, s -> s.get(RUN_DIR).resolve("cairn.sock"),
            "The unix socket the kubelet and crictl connect to.");
    static final Key<String> DRIVER = key("", "driver", DRIVER_NAME, "runc",
            "The driver of pods that name no runtime handler.");
    static final Key<Path> BOOT_ID_FILE = key("", "boot_id_file", PATH, Path.of("/proc/sys/kernel/random/boot_id"),
            "What names this boot of the host. After another boot, nothing that ran before can run any more.");
    static final Key<LogLevel> LOG_LEVEL = key("", "log_level", new Kinds.OneOf<>(LogLevel.class), LogLevel.INFO,
            "The least severe messages that are logged.");
    static final Key<LogFormat> LOG_FORMAT = key("", "log_format", new Kinds.OneOf<>(LogFormat.class), LogFormat.TEXT,
            "The form of a log line on stderr.");

    static final Key<Long> MAX_MESSAGE_BYTES = key("cri", "max_message_bytes", new Kinds.Size(MIB, 16 * MIB), 16 * MIB,
            "The largest message of the CRI accepted or sent. Lists of many pods are one message.");

    static final Key<String> STREAMING_ADDRESS = key("streaming", "address", LOOPBACK, "127.0.0.1",
            "Where the kubelet and crictl connect for exec, attach and port-forward.");
    static final Key<Integer> STREAMING_PORT = key("streaming", "port", new Kinds.WholeNumber(0, 65535), 0,
            "Its port. 0 takes any that is free, anew at each start.");
    static final Key<Duration> STREAMING_IDLE_TIMEOUT = key("streaming", "idle_timeout",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofDays(7)), Duration.ofHours(4),
            "How long a connection may bring no byte in either direction before it is closed.");
    static final Key<Integer> STREAMING_CONNECTIONS = key("streaming", "max_connections", new Kinds.WholeNumber(1, 10_000), 2000,
            "How many connections may be open at the same time.");

    static final Key<Long> ROLL_BYTES = key("journal", "roll_bytes", new Kinds.Size(16 * MIB, GIB), 64 * MIB,
            "The size at which a part of the journal is sealed and a new one begun. Each start begins a new one too.");
    static final Key<Duration> JOURNAL_AGE_MAX = key("journal", "age_max", new Kinds.Time(Duration.ofHours(1), Duration.ofDays(36_500)),
            Duration.ofDays(90), "Parts sealed longer ago are deleted, whole, once a snapshot stands for them.");
    static final Key<Long> JOURNAL_BYTES_MAX = key("journal", "bytes_max", new Kinds.Size(16 * MIB, TIB), GIB,
            "Above this much space for sealed parts, the oldest are deleted, whole, once a snapshot stands for them.");
    static final Key<Long> FREE_FLOOR_BYTES = key("journal", "free_floor_bytes", new Kinds.Size(16 * MIB, TIB), 128 * MIB,
            "Free space to keep in state_dir. Below it, calls that change something are refused until there is space again.");
    static final Key<Long> ACCESS_BYTES_MAX = key("journal", "access_bytes_max", new Kinds.Size(16 * MIB, 8 * GIB), 256 * MIB,
            "Above this much space, the oldest records of calls that only read are removed.");

    static final Key<Path> CNI_CONF_DIR = key("network", "conf_dir", PATH, Path.of("/etc/cni/net.d"),
            "Where CNI network configurations are. The first by name is used.");
    static final Key<Seq<Path>> CNI_BIN_DIRS = key("network", "bin_dirs", new Kinds.ListOf<>(PATH),
            Array.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")), "Where CNI plugins are looked for, in this order.");
    static final Key<Path> CNI_CACHE_DIR = derived("network", "cache_dir", PATH, s -> s.get(STATE_DIR).resolve("cni"),
            "Where results of CNI plugins are kept for the removal of what they set up.");
    static final Key<Option<Path>> CNI_CONF_TEMPLATE = key("network", "conf_template", new Kinds.PathOr("off"), Option.none(),
            "Template of the configuration that is made when the kubelet tells the addresses of pods, if conf_dir has no other.");
    static final Key<Duration> CNI_PLUGIN_TIMEOUT = key("network", "plugin_timeout",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofMinutes(10)), Duration.ofMinutes(1),
            "How long one CNI plugin may run before it is killed.");

    static final Key<Seq<Path>> CERTS_DIRS = key("images", "certs_dirs", new Kinds.ListOf<>(PATH),
            Array.of("/etc/cairn/certs.d", "/etc/containerd/certs.d", "/etc/docker/certs.d").map(Path::of),
            "Where <registry>/hosts.toml and certificates are looked for, in this order.");
    static final Key<Integer> MAX_PARALLEL_LAYERS = key("images", "max_parallel_layers", new Kinds.WholeNumber(1, 32), 3,
            "How many layers of one image are downloaded at the same time.");
    static final Key<Duration> STALL_TIMEOUT = key("images", "stall_timeout",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofHours(1)), Duration.ofMinutes(1),
            "How long a download may bring no byte before it is given up.");
    static final Key<Seq<String>> PINNED = key("images", "pinned", new Kinds.ListOf<>(IMAGE), Array.empty(),
            "Images the kubelet must never remove to free space.");
    static final Key<Duration> FAILED_PULL_RETENTION = key("images", "failed_pull_retention",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofDays(1)), Duration.ofMinutes(10),
            "How long the layers of a failed pull are kept for the next try.");
    static final Key<Option<Path>> VERIFIER_DIR = key("images", "verifier_dir", new Kinds.PathOr("off"), Option.none(),
            "Programs that say whether an image may be pulled. All must agree; a directory without any lets none in.");
    static final Key<Integer> MAX_VERIFIERS = key("images", "max_verifiers", new Kinds.WholeNumber(1, 100), 10,
            "How many of them are called, the first by name.");
    static final Key<Duration> VERIFIER_TIMEOUT = key("images", "verifier_timeout",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofMinutes(10)), Duration.ofSeconds(10),
            "How long one of them may run before it is killed and the image refused.");

    static final Key<Option<InetSocketAddress>> METRICS_ADDRESS = key("metrics", "address", new Kinds.LoopbackOrOff(), Option.none(),
            "Where Prometheus metrics are served, under /metrics. Only for this machine: nobody is asked who he is.");

    static final Key<Seq<Path>> CDI_DIRS = key("devices", "cdi_dirs", new Kinds.ListOf<>(PATH),
            Array.of("/etc/cdi", "/var/run/cdi").map(Path::of),
            "Where vendors describe their devices (CDI files). The last directory that has a device counts.");

    static final Key<Option<Path>> RUNC_RUNTIME = key("drivers.runc", "runtime", AUTO_OR_PATH, Option.none(),
            "The OCI runtime. \"auto\" takes runc, then crun, whichever works on this host.");
    static final Key<Path> RUNC_CONMON = key("drivers.runc", "conmon", PATH, Path.of("/usr/bin/conmon"),
            "The monitor that holds a container's output and exit code while the daemon is away.");
    static final Key<Path> RUNC_ROOT = derived("drivers.runc", "runtime_root", PATH, s -> s.get(RUN_DIR).resolve("runc"),
            "Where the OCI runtime keeps the state of running containers.");
    static final Key<Option<Path>> RUNC_CRIU = key("drivers.runc", "criu", AUTO_OR_PATH, Option.none(),
            "The program criu, for checkpoints of containers. \"auto\" takes the one on the OCI runtime's path, if there is one.");
    static final Key<Switch> RUNC_RESTORE_IMAGES = key("drivers.runc", "restore_images", new Kinds.OneOf<>(Switch.class), Switch.OFF,
            RESTORE_IMAGES);
    static final Key<CgroupDriver> RUNC_CGROUP_DRIVER = key("drivers.runc", "cgroup_driver", new Kinds.OneOf<>(CgroupDriver.class),
            CgroupDriver.AUTO, "Who makes cgroups; the kubelet must be told the same. \"auto\" takes systemd where systemd is the init.");
    static final Key<Duration> RUNC_COMMAND_TIMEOUT = key("drivers.runc", "command_timeout",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofMinutes(10)), Duration.ofMinutes(2),
            "How long one command of the OCI runtime or of conmon may take before it is killed.");

    static final Key<Path> CONTAINERD_ADDRESS = key("drivers.containerd", "address", SOCKET_PATH, Path.of("/run/containerd/containerd.sock"),
            "The unix socket of containerd.");
    static final Key<String> CONTAINERD_NAMESPACE = key("drivers.containerd", "namespace", CONTAINERD_NAME, "cairn",
            "The containerd namespace for all that is Cairn's. What other clients keep in theirs is never touched.");
    static final Key<String> CONTAINERD_SNAPSHOTTER = key("drivers.containerd", "snapshotter", CONTAINERD_NAME, "overlayfs",
            "The snapshotter that keeps unpacked images and what containers write.");
    static final Key<String> CONTAINERD_RUNTIME = key("drivers.containerd", "runtime", CONTAINERD_RUNTIME_NAME, "io.containerd.runc.v2",
            "The containerd runtime of containers: which shim looks after them.");
    static final Key<Switch> CONTAINERD_RESTORE_IMAGES = key("drivers.containerd", "restore_images", new Kinds.OneOf<>(Switch.class),
            Switch.OFF, RESTORE_IMAGES);
    static final Key<CgroupDriver> CONTAINERD_CGROUP_DRIVER = key("drivers.containerd", "cgroup_driver", new Kinds.OneOf<>(CgroupDriver.class),
            CgroupDriver.AUTO, "Who makes cgroups; the kubelet must be told the same. \"auto\" takes systemd where systemd is the init.");
    static final Key<Duration> CONTAINERD_CALL_TIMEOUT = key("drivers.containerd", "call_timeout",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofMinutes(10)), Duration.ofMinutes(2),
            "How long one call to containerd may take before it is given up.");

    static final Key<Path> DOCKER_SOCKET = key("drivers.docker", "socket", SOCKET_PATH, Path.of("/run/docker.sock"),
            "The unix socket of the Docker Engine.");
    static final Key<String> DOCKER_OWNER = key("drivers.docker", "owner", OWNER_NAME, "cairn",
            "Whose containers and images in the engine are this daemon's: two daemons on one engine need names of their own.");
    static final Key<Option<String>> DOCKER_PAUSE_IMAGE = key("drivers.docker", "pause_image", new Kinds.TextOr("builtin", IMAGE),
            Option.none(), "The image of the process that holds a pod. \"builtin\" is one of a few hundred bytes that Cairn brings along.");
    static final Key<Switch> DOCKER_ENGINE_STATS = key("drivers.docker", "engine_stats", new Kinds.OneOf<>(Switch.class), Switch.OFF,
            "Whether the engine, too, can tell what a pod's containers use (docker stats). Before engine 28, pods take longer to start then.");
    static final Key<Duration> DOCKER_CALL_TIMEOUT = key("drivers.docker", "call_timeout",
            new Kinds.Time(Duration.ofSeconds(1), Duration.ofMinutes(10)), Duration.ofMinutes(2),
            "How long one call to the engine may take before it is given up.");

    static final Key<String> HANDLER_DRIVER = derived(HANDLER, "driver", DRIVER_NAME, s -> s.get(DRIVER),
            "The driver of this handler's pods.");
    static final Key<Option<String>> HANDLER_RUNTIME = key(HANDLER, "runtime", new Kinds.PathOrName("auto"), Option.none(),
            "The OCI runtime of this handler's pods: its path; where the driver is docker, the name the engine has it under."
                    + " \"auto\" takes the driver's.");
    static final Key<String> HANDLER_CONTAINERD_RUNTIME = derived(HANDLER, "containerd_runtime", CONTAINERD_RUNTIME_NAME,
            s -> s.get(CONTAINERD_RUNTIME), "The containerd runtime of this handler's pods, where the driver is containerd.");
    static final Key<Seq<String>> HANDLER_ARGS = key(HANDLER, "runtime_args", new Kinds.ListOf<>(ARGUMENT), Array.empty(),
            "Arguments for that OCI runtime, before its own verb. Only the driver runc can pass them on.");

    static final Seq<Section> SECTIONS = Array.of(
            new Section("", "", Array.of(STATE_DIR, RUN_DIR, SOCKET, DRIVER, BOOT_ID_FILE, LOG_LEVEL, LOG_FORMAT)),
            new Section("cri", "The Kubernetes container runtime interface.", Array.of(MAX_MESSAGE_BYTES)),
            new Section("streaming", "Exec, attach and port-forward. Who connects needs a URL that only the CRI gives out.",
                    Array.of(STREAMING_ADDRESS, STREAMING_PORT, STREAMING_IDLE_TIMEOUT, STREAMING_CONNECTIONS)),
            new Section("journal", "The event journal, and the journal of calls that only read.",
                    Array.of(ROLL_BYTES, JOURNAL_AGE_MAX, JOURNAL_BYTES_MAX, FREE_FLOOR_BYTES, ACCESS_BYTES_MAX)),
            new Section("network", "Pod networks by CNI plugins.",
                    Array.of(CNI_CONF_DIR, CNI_BIN_DIRS, CNI_CACHE_DIR, CNI_CONF_TEMPLATE, CNI_PLUGIN_TIMEOUT)),
            new Section("images", "Image pulls and registries.", Array.of(CERTS_DIRS, MAX_PARALLEL_LAYERS, STALL_TIMEOUT, PINNED,
                    FAILED_PULL_RETENTION, VERIFIER_DIR, MAX_VERIFIERS, VERIFIER_TIMEOUT)),
            new Section("metrics", "Numbers for dashboards.", Array.of(METRICS_ADDRESS)),
            new Section("devices", "Devices that containers are given.", Array.of(CDI_DIRS)),
            new Section("drivers.runc", "The driver that runs an OCI runtime under conmon.",
                    Array.of(RUNC_RUNTIME, RUNC_CONMON, RUNC_ROOT, RUNC_CRIU, RUNC_RESTORE_IMAGES,
                            RUNC_CGROUP_DRIVER, RUNC_COMMAND_TIMEOUT)),
            new Section("drivers.containerd", "The driver that has a containerd run pods, which is on the node already.",
                    Array.of(CONTAINERD_ADDRESS, CONTAINERD_NAMESPACE, CONTAINERD_SNAPSHOTTER, CONTAINERD_RUNTIME, CONTAINERD_RESTORE_IMAGES,
                            CONTAINERD_CGROUP_DRIVER, CONTAINERD_CALL_TIMEOUT)),
            new Section("drivers.docker", "The driver that has a Docker Engine run pods, which is on the node already.",
                    Array.of(DOCKER_SOCKET, DOCKER_OWNER, DOCKER_PAUSE_IMAGE, DOCKER_ENGINE_STATS, DOCKER_CALL_TIMEOUT)),
            new Section(HANDLER, "What a RuntimeClass whose handler is NAME selects; one such table for each name.",
                    Array.of(HANDLER_DRIVER, HANDLER_RUNTIME, HANDLER_CONTAINERD_RUNTIME, HANDLER_ARGS)));

    static final Seq<Key<?>> KEYS = SECTIONS.flatMap(Section::keys);

    private ConfigTable() {}

    record Section(String name, String comment, Seq<Key<?>> keys) {
        boolean isTemplate() {
            return name.endsWith("." + Key.ANY);
        }
    }

    private static <T> Key<T> key(String section, String name, Kind<T> kind, T fallback, String comment) {
        return new Key<>(section, name, kind, _ -> fallback, false, comment);
    }

    private static <T> Key<T> derived(String section, String name, Kind<T> kind, Function<Settings, T> fallback, String comment) {
        return new Key<>(section, name, kind, fallback, true, comment);
    }
}
