package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/** Where a snapshotter keeps its files; asked once. Thread-safe. */
final class SnapshotterRoot {
    private final Plugins plugins;
    private final String snapshotter;
    private final AtomicReference<Option<Path>> told = new AtomicReference<>(Option.none());

    SnapshotterRoot(Connection containerd, String snapshotter) {
        this.plugins = new Plugins(containerd);
        this.snapshotter = snapshotter;
    }

    /** None where the snapshotter does not tell, as those that are other programs. */
    Option<Path> get() throws DriverException {
        if (told.get().isEmpty()) {
            told.set(plugins.root(snapshotter));
        }
        return told.get();
    }
}
