package io.cairn.app.config;

import io.vavr.collection.Map;
import io.vavr.collection.Seq;
import io.vavr.control.Option;
import java.net.InetSocketAddress;
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
        Path bootIdFile,
        LogLevel logLevel,
        LogFormat logFormat,
        Cri cri,
        Streaming streaming,
        Journal journal,
        Network network,
        Images images,
        Metrics metrics,
        Devices devices,
        Runc runc,
        Containerd containerd,
        Docker docker,
        Map<String, RuntimeHandler> runtimeHandlers) {

    public enum LogLevel { ERROR, WARN, INFO, DEBUG, TRACE }

    public enum LogFormat { TEXT, JSON }

    public enum Switch { OFF, ON }

    public enum CgroupDriver { AUTO, CGROUPFS, SYSTEMD }

    public record Cri(int maxMessageBytes) {}

    /** @param address of the loopback interface; port 0: any free one */
    public record Streaming(String address, int port, Duration idleTimeout, int maxConnections) {}

    public record Journal(long rollBytes, Duration ageMax, long bytesMax, long freeFloorBytes, long accessBytesMax) {}

    /** @param confTemplate none: network configurations come from elsewhere */
    public record Network(Path confDir, Seq<Path> binDirs, Path cacheDir, Option<Path> confTemplate, Duration pluginTimeout) {}

    public record Images(Seq<Path> certsDirs, int maxParallelLayers, Duration stallTimeout, Seq<String> pinned, Duration failedPullRetention,
            Verifiers verifiers) {}

    /** @param dir none: every image may be pulled */
    public record Verifiers(Option<Path> dir, int max, Duration timeout) {}

    /** @param address none: not served */
    public record Metrics(Option<InetSocketAddress> address) {}

    public record Devices(Seq<Path> cdiDirs) {}

    /**
     * @param runtime the OCI runtime's binary; none: the first one that works on this host
     * @param criu none: the one on the OCI runtime's path
     */
    public record Runc(Option<Path> runtime, Path conmon, Path runtimeRoot, Option<Path> criu, Switch restoreImages, CgroupDriver cgroupDriver,
            Duration commandTimeout) {}

    /** @param runtime its name, which tells the shim */
    public record Containerd(Path address, String namespace, String snapshotter, String runtime, Switch restoreImages, CgroupDriver cgroupDriver,
            Duration callTimeout) {}

    /**
     * @param owner value of the label on all that is ours
     * @param pauseImage none: the one that comes with Cairn
     * @param engineStats whether the engine can tell what a pod's containers use
     */
    public record Docker(Path socket, String owner, Option<String> pauseImage, Switch engineStats, Duration callTimeout) {}

    /**
     * What a RuntimeClass selects.
     *
     * @param runtime the OCI runtime's binary, or the name its driver knows it by; none: the one the driver uses anyway
     * @param containerdRuntime used where the driver is containerd
     * @param runtimeArgs arguments put before the OCI runtime's own verb
     */
    public record RuntimeHandler(String driver, Option<String> runtime, String containerdRuntime, Seq<String> runtimeArgs) {}
}
