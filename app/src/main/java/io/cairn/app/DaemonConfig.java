package io.cairn.app;

import io.cairn.app.config.CairnConfig;
import io.cairn.app.config.DriverSettings;
import io.cairn.core.daemon.DaemonOptions;
import io.cairn.core.daemon.ImageOptions;
import io.cairn.core.daemon.RetentionOptions;
import io.cairn.journal.JournalOptions;
import io.cairn.network.CniOptions;
import io.cairn.streaming.StreamingOptions;
import io.vavr.collection.List;
import java.io.IOException;
import java.net.InetSocketAddress;

/** From the configuration to what the daemon is told. */
public final class DaemonConfig {
    private DaemonConfig() {}

    /** How pods come to their network. */
    public static CniOptions network(CairnConfig config) {
        CairnConfig.Network network = config.network();
        CniOptions defaults = CniOptions.defaults(network.confDir(), List.ofAll(network.binDirs()), network.cacheDir());
        return new CniOptions(defaults.confDir(), defaults.pluginDirs(), defaults.stateDir(), network.pluginTimeout(),
                defaults.statusTimeout(), defaults.missingPluginGrace(), defaults.environment(), network.confTemplate());
    }

    /** @throws IOException cairn's own version cannot be told */
    public static DaemonOptions daemon(CairnConfig config) throws IOException {
        var journal = JournalOptions.defaults().withEpochBytes(config.journal().rollBytes()).withFloorBytes(config.journal().freeFloorBytes());
        var access = JournalOptions.defaults().withEpochBytes(Math.min(1L << 28, config.journal().accessBytesMax() / 8))
                .withFloorBytes(config.journal().freeFloorBytes()).withMaxTotalBytes(config.journal().accessBytesMax());
        return new DaemonOptions(config.stateDir(), config.runDir(), config.socket(), config.cri().maxMessageBytes(), journal, access,
                new RetentionOptions(config.journal().ageMax(), config.journal().bytesMax()), streaming(config.streaming()), config.driver(),
                DriverSettings.of(config),
                DriverSettings.handlers(config), new ImageOptions(config.images().pinned().toVector(), config.images().failedPullRetention()),
                config.bootIdFile(), Version.number());
    }

    private static StreamingOptions streaming(CairnConfig.Streaming streaming) {
        StreamingOptions defaults = StreamingOptions.defaults(new InetSocketAddress(streaming.address(), streaming.port()));
        return defaults.withIdleTimeout(streaming.idleTimeout()).withLimits(defaults.tokensMax(), streaming.maxConnections());
    }
}
