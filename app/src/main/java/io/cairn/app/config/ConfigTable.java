package io.cairn.app.config;

import io.cairn.app.config.CairnConfig.CgroupDriver;
import io.cairn.app.config.CairnConfig.LogFormat;
import io.cairn.app.config.CairnConfig.LogLevel;
import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import io.vavr.control.Option;
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
    private static final Kind<String> DRIVER_NAME = new Kinds.Text(Pattern.compile("runc"), "the name of a driver: \"runc\"");
    private static final Kind<String> IMAGE = new Kinds.Text(Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]-]{0,511}"),
            "an image reference such as \"registry.k8s.io/pause:3.10\"");
    private static final Kind<String> ARGUMENT = new Kinds.Text(Pattern.compile("[^\\x00]{1,4096}"), "an argument that is not empty");

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
    static final Key<LogLevel> LOG_LEVEL = key("", "log_level", new Kinds.OneOf<>(LogLevel.class), LogLevel.INFO,
            "The least severe messages that are logged.");
    static final Key<LogFormat> LOG_FORMAT = key("", "log_format", new Kinds.OneOf<>(LogFormat.class), LogFormat.TEXT,
            "The form of a log line on stderr.");

    static final Key<Long> MAX_MESSAGE_BYTES = key("cri", "max_message_bytes", new Kinds.Size(MIB, 16 * MIB), 16 * MIB,
            "The largest message of the CRI accepted or sent. Lists of many pods are one message.");

    static final Key<Long> ROLL_BYTES = key("journal", "roll_bytes", new Kinds.Size(16 * MIB, GIB), 64 * MIB,
            "The size at which a journal is sealed and a new one begun. Retention removes whole sealed journals.");
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

    static final Key<Option<Path>> RUNC_RUNTIME = key("drivers.runc", "runtime", new Kinds.AutoOrPath(), Option.none(),
            "The OCI runtime. \"auto\" takes runc, then crun, whichever works on this host.");
    static final Key<Path> RUNC_CONMON = key("drivers.runc", "conmon", PATH, Path.of("/usr/bin/conmon"),
            "The monitor that holds a container's output and exit code while the daemon is away.");
    static final Key<Path> RUNC_ROOT = derived("drivers.runc", "runtime_root", PATH, s -> s.get(RUN_DIR).resolve("runc"),
            "Where the OCI runtime keeps the state of running containers.");
    static final Key<CgroupDriver> RUNC_CGROUP_DRIVER = key("drivers.runc", "cgroup_driver", new Kinds.OneOf<>(CgroupDriver.class),
            CgroupDriver.AUTO, "Who makes cgroups; the kubelet must be told the same. \"auto\" takes systemd where systemd is the init.");

    static final Key<String> HANDLER_DRIVER = derived(HANDLER, "driver", DRIVER_NAME, s -> s.get(DRIVER),
            "The driver of this handler's pods.");
    static final Key<Option<Path>> HANDLER_RUNTIME = key(HANDLER, "runtime", new Kinds.AutoOrPath(), Option.none(),
            "The OCI runtime of this handler's pods. \"auto\" takes the driver's.");
    static final Key<Seq<String>> HANDLER_ARGS = key(HANDLER, "runtime_args", new Kinds.ListOf<>(ARGUMENT), Array.empty(),
            "Arguments for that OCI runtime, before its own verb.");

    static final Seq<Section> SECTIONS = Array.of(
            new Section("", "", Array.of(STATE_DIR, RUN_DIR, SOCKET, DRIVER, LOG_LEVEL, LOG_FORMAT)),
            new Section("cri", "The Kubernetes container runtime interface.", Array.of(MAX_MESSAGE_BYTES)),
            new Section("journal", "The event journal, and the journal of calls that only read.",
                    Array.of(ROLL_BYTES, FREE_FLOOR_BYTES, ACCESS_BYTES_MAX)),
            new Section("network", "Pod networks by CNI plugins.",
                    Array.of(CNI_CONF_DIR, CNI_BIN_DIRS, CNI_CACHE_DIR, CNI_PLUGIN_TIMEOUT)),
            new Section("images", "Image pulls and registries.", Array.of(CERTS_DIRS, MAX_PARALLEL_LAYERS, STALL_TIMEOUT, PINNED)),
            new Section("drivers.runc", "The driver that runs an OCI runtime under conmon.",
                    Array.of(RUNC_RUNTIME, RUNC_CONMON, RUNC_ROOT, RUNC_CGROUP_DRIVER)),
            new Section(HANDLER, "What a RuntimeClass whose handler is NAME selects; one such table for each name.",
                    Array.of(HANDLER_DRIVER, HANDLER_RUNTIME, HANDLER_ARGS)));

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
