package io.cairn.network;

import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.TreeMap;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where CNI's parts are on this node.
 *
 * @param confDir network configuration, usually /etc/cni/net.d
 * @param pluginDirs searched in this order for plugins, usually /opt/cni/bin and /usr/lib/cni
 * @param stateDir ours alone, for the records of attachments; made where missing (0700). It should survive a reboot, as the
 *     plugins' own address records usually do
 * @param pluginTimeout for each run of a plugin; its process tree is killed then
 * @param statusTimeout the same for STATUS and VERSION, which the kubelet waits for
 * @param missingPluginGrace for how long a detach fails because a plugin's file is missing (it may be under replacement);
 *     after that the plugin is passed over, so that a pod of a network that was uninstalled can go
 * @param template of the network configuration that is made of the address ranges the kubelet tells; none: configurations come from
 *     elsewhere
 * @param environment of the plugins, besides the CNI variables; it needs a PATH on which they find iptables and the like
 */
public record CniOptions(
        Path confDir,
        List<Path> pluginDirs,
        Path stateDir,
        Duration pluginTimeout,
        Duration statusTimeout,
        Duration missingPluginGrace,
        Map<String, String> environment,
        Option<Path> template) {

    private static final Set<String> DAEMONS_OWN = HashSet.of("NOTIFY_SOCKET", "MALLOC_ARENA_MAX", "ROCKSDB_MUSL_LIBC");
    private static final String PATH_DEFAULT = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static CniOptions defaults(Path confDir, List<Path> pluginDirs, Path stateDir) {
        return new CniOptions(confDir, pluginDirs, stateDir, Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofMinutes(5),
                inherited(), Option.none());
    }

    public CniOptions withTemplate(Path file) {
        return new CniOptions(confDir, pluginDirs, stateDir, pluginTimeout, statusTimeout, missingPluginGrace, environment, Option.some(file));
    }

    /** Plugins expect the environment of the runtime (proxies, locale), less what is meant for the daemon alone. */
    private static Map<String, String> inherited() {
        Map<String, String> environment = TreeMap.ofAll(System.getenv())
                .filterKeys(k -> !k.startsWith("CNI_") && !k.startsWith("LISTEN_") && !DAEMONS_OWN.contains(k));
        return environment.containsKey("PATH") ? environment : environment.put("PATH", PATH_DEFAULT);
    }
}
