package io.cairn.driver.runc;

import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.ObservationSink;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the first exit that is reported of each container, as the engine does. */
final class Exited implements ObservationSink {
    private final Map<String, ExitReport> reports = new ConcurrentHashMap<>();

    @Override
    public void exited(String containerId, ExitReport report) {
        reports.putIfAbsent(containerId, report);
    }

    boolean has(String id) {
        return reports.containsKey(id);
    }

    ExitReport await(String id) throws Exception {
        Await.until("the exit of " + id, () -> has(id));
        return reports.get(id);
    }
}
