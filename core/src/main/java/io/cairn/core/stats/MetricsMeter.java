package io.cairn.core.stats;

import io.cairn.cgroups.CgroupReader;
import io.cairn.cgroups.DeviceUse;
import io.cairn.cgroups.HugepageUse;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.driver.LayerUse;
import io.cairn.linux.FileSystems;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads more than {@link Meter} does, which takes longer: for monitoring, which asks seldom. Thread-safe. */
public final class MetricsMeter {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsMeter.class);

    private final Meter meter;
    private final CgroupReader cgroups;

    public MetricsMeter(Meter meter) {
        this.meter = meter;
        this.cgroups = meter.cgroups();
    }

    /** @param pod as a whole; its network is counted here, since all containers share it */
    public record Readings(MetricReading pod, Vector<MetricReading> containers) {}

    public Readings read(Sandbox sandbox) {
        PodReading pod = meter.pod(sandbox);
        var whole = new MetricReading(sandbox, Option.none(), meter.cgroup(sandbox), pod.atNanos(), pod.use(), Vector.empty(), Vector.empty(),
                Option.none(), Option.none(), Option.none(), pod.network());
        return new Readings(whole, pod.containers().map(reading -> container(sandbox, reading)));
    }

    private MetricReading container(Sandbox sandbox, ContainerReading reading) {
        Container container = reading.container();
        Option<String> cgroup = meter.cgroup(container);
        Option<LayerUse> layer = reading.layer().map(ContainerReading.Layer::use);
        return new MetricReading(sandbox, Option.some(container), cgroup, reading.atNanos(), reading.use(), cgroup.map(this::devices)
                .getOrElse(Vector.empty()), cgroup.map(this::hugepages).getOrElse(Vector.empty()),
                cgroup.map(path -> ProcessCounts.of(processes(path), container.pid())), layer, layer.flatMap(MetricsMeter::capacity),
                Vector.empty());
    }

    private Vector<DeviceUse> devices(String cgroup) {
        return attempt(() -> cgroups.devices(cgroup), Vector.empty());
    }

    private Vector<HugepageUse> hugepages(String cgroup) {
        return attempt(() -> cgroups.hugepages(cgroup), Vector.empty());
    }

    private List<Long> processes(String cgroup) {
        return attempt(() -> cgroups.processes(cgroup), List.empty());
    }

    private static Option<FileSystems.Capacity> capacity(LayerUse layer) {
        return attempt(() -> Option.some(FileSystems.capacity(Path.of(layer.mountPoint()))), Option.none());
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T attempt(Reading<T> reading, T otherwise) {
        try {
            return reading.read();
        } catch (IOException e) {
            LOG.debug("A reading failed: {}", e.toString());
            return otherwise;
        }
    }
}
