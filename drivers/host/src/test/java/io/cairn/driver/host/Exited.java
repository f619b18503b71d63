package io.cairn.driver.host;

import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.ObservationSink;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the first exit that is reported of each container, as the engine does. */
public final class Exited implements ObservationSink {
    private final Map<String, ExitReport> reports = new ConcurrentHashMap<>();
    private final Set<String> vanished = ConcurrentHashMap.newKeySet();

    @Override
    public void exited(String containerId, ExitReport report) {
        reports.putIfAbsent(containerId, report);
    }

    @Override
    public void sandboxVanished(String sandboxId, String detail) {
        vanished.add(sandboxId);
    }

    /** Pods that have lost their ground by themselves. */
    public Set<String> vanished() {
        return vanished;
    }

    public boolean has(String id) {
        return reports.containsKey(id);
    }

    public ExitReport await(String id) throws Exception {
        Await.until("the exit of " + id, () -> has(id));
        return reports.get(id);
    }
}
