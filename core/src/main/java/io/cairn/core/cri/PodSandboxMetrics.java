package io.cairn.core.cri;

import io.cairn.core.domain.Sandbox;
import io.cairn.core.engine.Engine;
import io.cairn.core.stats.MetricReading;
import io.cairn.core.stats.MetricsMeter;
import io.cairn.proto.cri.ContainerMetrics;
import io.vavr.collection.Iterator;

/** CRI ListPodSandboxMetrics and StreamPodSandboxMetrics: of the pods that are ready. */
final class PodSandboxMetrics {
    private final Engine engine;
    private final MetricsMeter meter;

    PodSandboxMetrics(Engine engine, MetricsMeter meter) {
        this.engine = engine;
        this.meter = meter;
    }

    /** Each is read as it is asked for. */
    Iterator<io.cairn.proto.cri.PodSandboxMetrics> entries() {
        return engine.state().sandboxes().valuesIterator().filter(Sandbox::isReady).map(meter::read).map(PodSandboxMetrics::message);
    }

    private static io.cairn.proto.cri.PodSandboxMetrics message(MetricsMeter.Readings readings) {
        var metrics = io.cairn.proto.cri.PodSandboxMetrics.newBuilder().setPodSandboxId(readings.pod().sandbox().id())
                .addAllMetrics(MetricTable.metrics(readings.pod()));
        for (MetricReading container : readings.containers()) {
            metrics.addContainerMetrics(ContainerMetrics.newBuilder().setContainerId(container.container().get().id())
                    .addAllMetrics(MetricTable.metrics(container)));
        }
        return metrics.build();
    }
}
