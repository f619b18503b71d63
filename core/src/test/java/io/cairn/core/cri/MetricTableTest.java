package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.cgroups.CgroupUse;
import io.cairn.cgroups.CpuUse;
import io.cairn.cgroups.DeviceUse;
import io.cairn.cgroups.HugepageUse;
import io.cairn.cgroups.MemoryUse;
import io.cairn.cgroups.Pressure;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.driver.LayerUse;
import io.cairn.core.sim.Configs;
import io.cairn.core.stats.MetricReading;
import io.cairn.core.stats.ProcessCounts;
import io.cairn.linux.FileSystems;
import io.cairn.network.InterfaceCounters;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.Metric;
import io.cairn.proto.cri.MetricDescriptor;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import org.junit.jupiter.api.Test;

class MetricTableTest {
    private static final long SECOND = 1_000_000_000;
    private static final Sandbox SANDBOX = new Sandbox("s1", Configs.pod("p", 0), "", "simulated", Sandbox.Phase.READY, 4 * SECOND,
            Option.some("/netns"), Vector.of("10.0.0.1"), Option.none(), false, "boot-1",
            Option.none());
    private static final Pressure.Share SHARE = new Pressure.Share(0, 0, 0, 2_500_000);
    private static final CgroupUse USE = new CgroupUse(Option.some(new CpuUse(90 * SECOND, 60 * SECOND, 30 * SECOND, 4, 3, 2 * SECOND)),
            Option.some(new MemoryUse(1000, 900, 800, 700, 600, 500, 40, 30, Option.some(5000L), Option.some(2000L), 7, 1,
                    Option.some(new MemoryUse.Swap(9, Option.none())))),
            Option.some(12L), Option.none(), pressure(), pressure(), pressure());

    private static Option<Pressure> pressure() {
        return Option.some(new Pressure(SHARE, SHARE));
    }

    private static Container container() {
        var config = Configs.container("c", 0, "app", "sleep").toBuilder();
        config.getLinuxBuilder().getResourcesBuilder().setCpuPeriod(100_000).setCpuQuota(-1).setCpuShares(512).setMemoryLimitInBytes(5000);
        return new Container("c1", "s1", config.build(), "sha256:1", 15, Container.Phase.RUNNING, 5 * SECOND, 6 * SECOND, 77,
                ContainerUser.getDefaultInstance(), Option.none(), Option.none(), Option.none(), 0,
                config.getLinux().getResources(), Option.none(), "");
    }

    private static MetricReading ofContainer() {
        return new MetricReading(SANDBOX, Option.some(container()), Option.some("/pods/c1"), 100 * SECOND, Option.some(USE),
                Vector.of(new DeviceUse(8, 0, 1, 2, 3, 4)), Vector.of(new HugepageUse("2MB", 5, 6)),
                Option.some(new ProcessCounts(2, 20, 3, Option.some(1024L))), Option.some(new LayerUse("/state", 4096, 2)),
                Option.some(new FileSystems.Capacity(1 << 30, 1 << 20, 1 << 19, 1000, 400)), Vector.empty());
    }

    private static MetricReading ofPod() {
        var eth0 = new InterfaceCounters("eth0", new InterfaceCounters.Direction(1, 2, 3, 4), new InterfaceCounters.Direction(5, 6, 7, 8));
        return new MetricReading(SANDBOX, Option.none(), Option.none(), 100 * SECOND, Option.none(), Vector.empty(), Vector.empty(),
                Option.none(), Option.none(), Option.none(), Vector.of(eth0));
    }

    @Test
    void everyMetricIsDescribedAndHasAValueForEachOfItsLabels() {
        Map<String, MetricDescriptor> described = MetricTable.descriptors().toMap(MetricDescriptor::getName, d -> d);
        Vector<Metric> metrics = MetricTable.metrics(ofContainer()).appendAll(MetricTable.metrics(ofPod()));

        assertThat(described.size()).isEqualTo(MetricTable.descriptors().size());
        assertThat(metrics.map(Metric::getName).toSet()).isEqualTo(described.keySet());
        assertThat(metrics).allSatisfy(metric -> {
            assertThat(metric.getLabelValuesList()).hasSameSizeAs(described.apply(metric.getName()).getLabelKeysList());
            assertThat(metric.getTimestamp()).isEqualTo(100 * SECOND);
        });
        assertThat(described.values()).allSatisfy(d -> assertThat(d.getHelp()).isNotEmpty());
    }

    @Test
    void noSeriesIsThereTwice() {
        Vector<Metric> metrics = MetricTable.metrics(ofContainer()).appendAll(MetricTable.metrics(ofPod()));
        assertThat(metrics.map(m -> m.getName() + m.getLabelValuesList())).doesNotHaveDuplicates();
    }

    @Test
    void theValuesAreThoseThatWereRead() {
        assertThat(values("container_cpu_usage_seconds_total")).containsExactly(90L);
        assertThat(values("container_cpu_cfs_throttled_seconds_total")).containsExactly(2L);
        assertThat(values("container_memory_working_set_bytes")).containsExactly(900L);
        assertThat(values("container_memory_max_usage_bytes")).containsExactly(2000L);
        assertThat(values("container_memory_failures_total")).containsExactly(40L, 30L, 40L, 30L);
        assertThat(values("container_pressure_io_waiting_seconds_total")).containsExactly(2L);
        assertThat(values("container_blkio_device_usage_total")).containsExactly(1L, 2L);
        assertThat(values("container_fs_inodes_free")).containsExactly(400L);
        assertThat(values("container_spec_cpu_quota")).containsExactly(0L);
        assertThat(values("container_spec_cpu_shares")).containsExactly(512L);
        assertThat(values("container_threads_max")).containsExactly(0L);
        assertThat(values("container_start_time_seconds")).containsExactly(6L);
    }

    @Test
    void theLabelsAreThoseOfCAdvisor() {
        assertThat(MetricTable.metrics(ofContainer()).find(m -> m.getName().equals("container_cpu_usage_seconds_total")).get()
                .getLabelValuesList()).containsExactly("/pods/c1", "c1", "app", "default", "p", "c", "total");
        assertThat(MetricTable.metrics(ofPod()).find(m -> m.getName().equals("container_network_transmit_errors_total")).get()
                .getLabelValuesList()).containsExactly("s1", "", "", "default", "p", "", "eth0");
    }

    @Test
    void whatWasNotReadIsNotTold() {
        assertThat(MetricTable.metrics(ofPod()).map(Metric::getName)).noneMatch(name -> name.contains("cpu") || name.contains("memory"));
    }

    private static Vector<Long> values(String name) {
        return MetricTable.metrics(ofContainer()).filter(m -> m.getName().equals(name)).map(m -> m.getValue().getValue());
    }
}
