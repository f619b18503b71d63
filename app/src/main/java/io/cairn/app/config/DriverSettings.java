package io.cairn.app.config;

import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/** What drivers read, by the key under which the configuration has it; durations as 1500ms, lists joined by ','. */
public final class DriverSettings {
    private DriverSettings() {}

    public static Map<String, String> of(CairnConfig config) {
        return HashMap.of(
                "boot_id_file", config.bootIdFile().toString(),
                "images.certs_dirs", config.images().certsDirs().map(Path::toString).mkString(","),
                "images.max_parallel_layers", Integer.toString(config.images().maxParallelLayers()),
                "images.stall_timeout", millis(config.images().stallTimeout()),
                "devices.cdi_dirs", config.devices().cdiDirs().map(Path::toString).mkString(","),
                "drivers.runc.runtime", path(config.runc().runtime()),
                "drivers.runc.conmon", config.runc().conmon().toString(),
                "drivers.runc.runtime_root", config.runc().runtimeRoot().toString(),
                "drivers.runc.cgroup_driver", config.runc().cgroupDriver().name().toLowerCase(java.util.Locale.ROOT),
                "drivers.runc.command_timeout", millis(config.runc().commandTimeout()))
                .merge(HashMap.of("drivers.runc.criu", path(config.runc().criu()),
                        "drivers.runc.restore_images", config.runc().restoreImages().name().toLowerCase(java.util.Locale.ROOT)))
                .merge(verifiers(config.images().verifiers())).merge(containerd(config.containerd())).merge(docker(config.docker()));
    }

    private static Map<String, String> verifiers(CairnConfig.Verifiers verifiers) {
        return HashMap.of(
                "images.verifier_dir", verifiers.dir().map(Path::toString).getOrElse("off"),
                "images.max_verifiers", Integer.toString(verifiers.max()),
                "images.verifier_timeout", millis(verifiers.timeout()));
    }

    private static Map<String, String> containerd(CairnConfig.Containerd containerd) {
        return HashMap.of(
                "drivers.containerd.address", containerd.address().toString(),
                "drivers.containerd.namespace", containerd.namespace(),
                "drivers.containerd.snapshotter", containerd.snapshotter(),
                "drivers.containerd.runtime", containerd.runtime(),
                "drivers.containerd.restore_images", containerd.restoreImages().name().toLowerCase(java.util.Locale.ROOT),
                "drivers.containerd.cgroup_driver", containerd.cgroupDriver().name().toLowerCase(java.util.Locale.ROOT),
                "drivers.containerd.call_timeout", millis(containerd.callTimeout()));
    }

    private static Map<String, String> docker(CairnConfig.Docker docker) {
        return HashMap.of(
                "drivers.docker.socket", docker.socket().toString(),
                "drivers.docker.owner", docker.owner(),
                "drivers.docker.pause_image", docker.pauseImage().getOrElse("builtin"),
                "drivers.docker.engine_stats", docker.engineStats().name().toLowerCase(java.util.Locale.ROOT),
                "drivers.docker.call_timeout", millis(docker.callTimeout()));
    }

    private static String millis(Duration time) {
        return time.toMillis() + "ms";
    }

    /** The settings of each runtime handler, by its name. */
    public static Map<String, Map<String, String>> handlers(CairnConfig config) {
        return config.runtimeHandlers().mapValues(handler -> HashMap.of("driver", handler.driver(), "runtime", handler.runtime().getOrElse("auto"),
                "containerd_runtime", handler.containerdRuntime(),
                "runtime_args", handler.runtimeArgs().mkString(","))).toMap(t -> t);
    }

    private static String path(Option<Path> path) {
        return path.map(Path::toString).getOrElse("auto");
    }
}
