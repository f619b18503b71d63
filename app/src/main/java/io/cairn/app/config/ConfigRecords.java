package io.cairn.app.config;

import io.cairn.app.config.CairnConfig.RuntimeHandler;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Map;
import java.util.function.Function;

/** From checked settings to {@link CairnConfig}. */
final class ConfigRecords {
    private ConfigRecords() {}

    static CairnConfig from(Settings s) {
        return new CairnConfig(
                s.get(ConfigTable.STATE_DIR), s.get(ConfigTable.RUN_DIR), s.get(ConfigTable.SOCKET), s.get(ConfigTable.DRIVER),
                s.get(ConfigTable.BOOT_ID_FILE), s.get(ConfigTable.LOG_LEVEL), s.get(ConfigTable.LOG_FORMAT),
                new CairnConfig.Cri(Math.toIntExact(s.get(ConfigTable.MAX_MESSAGE_BYTES))),
                new CairnConfig.Streaming(s.get(ConfigTable.STREAMING_ADDRESS), s.get(ConfigTable.STREAMING_PORT),
                        s.get(ConfigTable.STREAMING_IDLE_TIMEOUT), s.get(ConfigTable.STREAMING_CONNECTIONS)),
                new CairnConfig.Journal(s.get(ConfigTable.ROLL_BYTES), s.get(ConfigTable.JOURNAL_AGE_MAX), s.get(ConfigTable.JOURNAL_BYTES_MAX),
                        s.get(ConfigTable.FREE_FLOOR_BYTES), s.get(ConfigTable.ACCESS_BYTES_MAX)),
                new CairnConfig.Network(s.get(ConfigTable.CNI_CONF_DIR), s.get(ConfigTable.CNI_BIN_DIRS),
                        s.get(ConfigTable.CNI_CACHE_DIR), s.get(ConfigTable.CNI_CONF_TEMPLATE), s.get(ConfigTable.CNI_PLUGIN_TIMEOUT)),
                new CairnConfig.Images(s.get(ConfigTable.CERTS_DIRS), s.get(ConfigTable.MAX_PARALLEL_LAYERS),
                        s.get(ConfigTable.STALL_TIMEOUT), s.get(ConfigTable.PINNED), s.get(ConfigTable.FAILED_PULL_RETENTION),
                        new CairnConfig.Verifiers(s.get(ConfigTable.VERIFIER_DIR), s.get(ConfigTable.MAX_VERIFIERS),
                                s.get(ConfigTable.VERIFIER_TIMEOUT))),
                new CairnConfig.Metrics(s.get(ConfigTable.METRICS_ADDRESS)),
                new CairnConfig.Devices(s.get(ConfigTable.CDI_DIRS)),
                new CairnConfig.Runc(s.get(ConfigTable.RUNC_RUNTIME), s.get(ConfigTable.RUNC_CONMON),
                        s.get(ConfigTable.RUNC_ROOT), s.get(ConfigTable.RUNC_CRIU), s.get(ConfigTable.RUNC_RESTORE_IMAGES),
                        s.get(ConfigTable.RUNC_CGROUP_DRIVER), s.get(ConfigTable.RUNC_COMMAND_TIMEOUT)),
                new CairnConfig.Containerd(s.get(ConfigTable.CONTAINERD_ADDRESS), s.get(ConfigTable.CONTAINERD_NAMESPACE),
                        s.get(ConfigTable.CONTAINERD_SNAPSHOTTER), s.get(ConfigTable.CONTAINERD_RUNTIME),
                        s.get(ConfigTable.CONTAINERD_RESTORE_IMAGES), s.get(ConfigTable.CONTAINERD_CGROUP_DRIVER),
                        s.get(ConfigTable.CONTAINERD_CALL_TIMEOUT)),
                new CairnConfig.Docker(s.get(ConfigTable.DOCKER_SOCKET), s.get(ConfigTable.DOCKER_OWNER),
                        s.get(ConfigTable.DOCKER_PAUSE_IMAGE), s.get(ConfigTable.DOCKER_ENGINE_STATS), s.get(ConfigTable.DOCKER_CALL_TIMEOUT)),
                handlers(s));
    }

    private static Map<String, RuntimeHandler> handlers(Settings s) {
        return s.handlers().toMap(Function.identity(), name -> new RuntimeHandler(
                s.get(ConfigTable.HANDLER_DRIVER, name), s.get(ConfigTable.HANDLER_RUNTIME, name),
                s.get(ConfigTable.HANDLER_CONTAINERD_RUNTIME, name), s.get(ConfigTable.HANDLER_ARGS, name)));
    }
}
