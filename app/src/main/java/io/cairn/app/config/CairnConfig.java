package io.cairn.app.config;

import io.vavr.collection.Map;
import io.vavr.collection.Seq;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Everything the daemon can be told, validated: every path is absolute, every number inside the range that
 * {@link ConfigTable} gives for its key. Immutable; keys, defaults and meanings are in that table alone.
 *
 * @param runtimeHandlers by the name a RuntimeClass gives; the empty handler of CRI is not in here
 */
public record CairnConfig(
        Path stateDir,
        Path runDir,
        Path socket,
        String driver,
        LogLevel logLevel,
        LogFormat logFormat,
        Cri cri,
        Journal journal,
        Network network,
        Images images,
        Runc runc,
        Map<String, RuntimeHandler> runtimeHandlers) {

    public enum LogLevel { ERROR, WARN, INFO, DEBUG, TRACE }

    public enum LogFormat { TEXT, JSON }

    public enum CgroupDriver { AUTO, CGROUPFS, SYSTEMD }

    public record Cri(int maxMessageBytes) {}

    public record Journal(long rollBytes, long freeFloorBytes, long accessBytesMax) {}

    public record Network(Path confDir, Seq<Path> binDirs, Path cacheDir, Duration pluginTimeout) {}

    public record Images(Seq<Path> certsDirs, int maxParallelLayers, Duration stallTimeout, Seq<String> pinned) {}

    /** @param runtime the OCI runtime's binary; none: the first one that works on this host */
    public record Runc(Option<Path> runtime, Path conmon, Path runtimeRoot, CgroupDriver cgroupDriver) {}

    /**
     * What a RuntimeClass selects.
     *
     * @param runtime the OCI runtime's binary; none: the one the driver uses anyway
     * @param runtimeArgs arguments put before the OCI runtime's own verb
     */
    public record RuntimeHandler(String driver, Option<Path> runtime, Seq<String> runtimeArgs) {}
}
