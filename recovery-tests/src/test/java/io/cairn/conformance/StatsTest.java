package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerStats;
import io.cairn.proto.cri.ContainerStatsFilter;
import io.cairn.proto.cri.ContainerStatsRequest;
import io.cairn.proto.cri.ListContainerStatsRequest;
import io.cairn.proto.cri.ListMetricDescriptorsRequest;
import io.cairn.proto.cri.ListPodSandboxMetricsRequest;
import io.cairn.proto.cri.ListPodSandboxStatsRequest;
import io.cairn.proto.cri.Metric;
import io.cairn.proto.cri.MetricDescriptor;
import io.cairn.proto.cri.PodSandboxStats;
import io.cairn.proto.cri.PodSandboxStatsRequest;
import io.cairn.proto.cri.StreamContainerStatsRequest;
import io.cairn.proto.cri.StreamContainersRequest;
import io.cairn.proto.cri.StreamImagesRequest;
import io.cairn.proto.cri.StreamPodSandboxMetricsRequest;
import io.cairn.proto.cri.StreamPodSandboxStatsRequest;
import io.cairn.proto.cri.StreamPodSandboxesRequest;
import io.cairn.testkit.Await;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What pods and containers use: what the numbers say must be what the processes do. */
class StatsTest extends CriTest {
    private static final long MIB = 1 << 20;

    private ContainerStats stats(String id) {
        return cri.runtime().containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build()).getStats();
    }

    private PodSandboxStats podStats(String id) {
        return cri.runtime().podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(id).build()).getStats();
    }

    @Test
    void aContainerThatIsBusyUsesAProcessor() throws Exception {
        Pod pod = run("busy");
        String id = start(pod, shell("busy", "while :; do :; done"));
        long first = stats(id).getCpu().getUsageCoreNanoSeconds().getValue();

        Await.until("a rate", PATIENCE, () -> stats(id).getCpu().getUsageNanoCores().getValue() > 1_000_000);

        ContainerStats later = stats(id);
        assertThat(later.getCpu().getUsageCoreNanoSeconds().getValue()).isGreaterThan(first);
        assertThat(later.getCpu().getUsageNanoCores().getValue()).isLessThan(Runtime.getRuntime().availableProcessors() * 1_100_000_000L);
        assertThat(later.getCpu().getTimestamp()).isPositive();
    }

    @Test
    void memoryIsCountedAgainstItsLimit() throws Exception {
        Pod pod = run("hungry");
        var config = shell("hungry", "head -c 20000000 /dev/zero > /dev/shm/file; " + SLEEP);
        config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(100 * MIB);
        String id = start(pod, config);

        Await.until("the file is in memory", PATIENCE, () -> stats(id).getMemory().getWorkingSetBytes().getValue() > 19 * MIB);

        var memory = stats(id).getMemory();
        assertThat(memory.getWorkingSetBytes().getValue()).isBetween(19 * MIB, 100 * MIB);
        assertThat(memory.getAvailableBytes().getValue() + memory.getWorkingSetBytes().getValue()).isEqualTo(100 * MIB);
        assertThat(memory.getRssBytes().getValue()).isPositive();
        assertThat(memory.getPageFaults().getValue()).isPositive();
    }

    /** Version 1 counts swap where it was told to at boot, and waiting not at all; a hierarchy of version 2 may stand beside it. */
    @Test
    void swapAndWaitingAreToldWhereTheKernelCountsThem() throws Exception {
        Pod pod = run("waiting");
        String id = startSleeping(pod);
        var cgroups = new Cgroups(cri.pid(id));
        boolean swap = cgroups.has("memory", "memory.memsw.usage_in_bytes", "memory.swap.current");
        boolean waiting = cgroups.hasInV2("cpu.pressure");

        ContainerStats stats = stats(id);

        assertThat(stats.hasSwap()).isEqualTo(swap);
        assertThat(stats.getCpu().hasPsi()).isEqualTo(waiting);
        assertThat(stats.getMemory().hasPsi()).isEqualTo(waiting);
        assertThat(stats.hasIo()).isEqualTo(waiting);
    }

    @Test
    void whatIsWrittenIsMeasuredInTheBackground() throws Exception {
        Pod pod = run("writer");
        String id = startSleeping(pod);
        awaitMeasured(id);
        var before = stats(id).getWritableLayer();
        assertThat(before.getFsId().getMountpoint()).isEqualTo(cri.images().imageFsInfo(io.cairn.proto.cri.ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0).getFsId().getMountpoint());

        cri.sh(id, "mkdir /d; head -c 8000000 /dev/zero > /d/file; sync");

        // A layer that took long to measure is measured seldom.
        Await.until("eight megabytes are found", PATIENCE.multipliedBy(4),
                () -> stats(id).getWritableLayer().getUsedBytes().getValue() >= before.getUsedBytes().getValue() + 8_000_000);
        var after = stats(id).getWritableLayer();
        assertThat(after.getInodesUsed().getValue()).isGreaterThanOrEqualTo(before.getInodesUsed().getValue() + 2);
        assertThat(after.getTimestamp()).isGreaterThan(before.getTimestamp());
    }

    private void awaitMeasured(String id) throws Exception {
        Await.until("its layer is measured", PATIENCE, () -> stats(id).getWritableLayer().getTimestamp() > 0);
    }

    @Test
    void aPodIsCountedAsAWholeWithItsNetwork() throws Exception {
        Pod pod = run("whole");
        String a = start(pod, sleeping("a"));
        String b = start(pod, sleeping("b"));
        long sent = podStats(pod.id()).getLinux().getNetwork().getDefaultInterface().getTxBytes().getValue();

        // Nobody answers there; what asks for a connection is sent all the same.
        cri.sh(a, "nc -w 1 10.255.255.1 9 < /dev/null || true");

        PodSandboxStats stats = podStats(pod.id());
        assertThat(stats.getAttributes().getMetadata()).isEqualTo(pod.config().getMetadata());
        var linux = stats.getLinux();
        assertThat(linux.getContainersList()).extracting(c -> c.getAttributes().getId()).containsExactlyInAnyOrder(a, b);
        assertThat(linux.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
        assertThat(linux.getMemory().getUsageBytes().getValue()).isPositive();
        assertThat(linux.getNetwork().getDefaultInterface().getName()).isEqualTo("eth0");
        assertThat(linux.getNetwork().getInterfacesList()).noneMatch(i -> i.getName().equals("lo"));
        assertThat(linux.getNetwork().getDefaultInterface().getTxBytes().getValue()).isGreaterThan(sent);
        assertThat(linux.getProcess().getProcessCount().getValue()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void listsHoldWhatRunsAndWhatIsAskedFor() throws Exception {
        Pod first = run("first");
        Pod second = run("second");
        String a = start(first, sleeping("a").putLabels("colour", "red"));
        String b = start(second, sleeping("b").putLabels("colour", "blue"));
        create(second, sleeping("never-started"));

        assertThat(listed(ContainerStatsFilter.newBuilder())).containsExactlyInAnyOrder(a, b);
        assertThat(listed(ContainerStatsFilter.newBuilder().setId(a.substring(0, 12)))).containsExactly(a);
        assertThat(listed(ContainerStatsFilter.newBuilder().setPodSandboxId(second.id()))).containsExactly(b);
        assertThat(listed(ContainerStatsFilter.newBuilder().putLabelSelector("colour", "red"))).containsExactly(a);
        assertThat(listed(ContainerStatsFilter.newBuilder().putLabelSelector("colour", "green"))).isEmpty();
        assertThat(cri.runtime().listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance()).getStatsList())
                .extracting(s -> s.getAttributes().getId()).containsExactlyInAnyOrder(first.id(), second.id());

        cri.stop(a, 5);
        assertThat(listed(ContainerStatsFilter.newBuilder())).containsExactly(b);
        assertThat(stats(a).hasCpu()).isFalse();
        assertThat(stats(a).getAttributes().getMetadata().getName()).isEqualTo("a");
    }

    private List<String> listed(ContainerStatsFilter.Builder filter) {
        return cri.runtime().listContainerStats(ListContainerStatsRequest.newBuilder().setFilter(filter).build()).getStatsList().stream()
                .map(s -> s.getAttributes().getId()).toList();
    }

    @Test
    void metricsAreDescribedAndToldForContainerAndPod() throws Exception {
        Pod pod = run("measured");
        String id = startSleeping(pod);
        awaitMeasured(id);
        var described = cri.runtime().listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance()).getDescriptorsList().stream()
                .collect(Collectors.toMap(MetricDescriptor::getName, MetricDescriptor::getLabelKeysList));

        var metrics = cri.runtime().listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance()).getPodMetricsList();

        assertThat(metrics).hasSize(1);
        assertThat(metrics.getFirst().getPodSandboxId()).isEqualTo(pod.id());
        var ofContainer = metrics.getFirst().getContainerMetrics(0);
        assertThat(ofContainer.getContainerId()).isEqualTo(id);
        assertThat(metrics.getFirst().getMetricsList()).allSatisfy(m -> assertThat(m.getLabelValuesList()).hasSameSizeAs(described.get(m.getName())));
        assertThat(ofContainer.getMetricsList()).allSatisfy(m -> assertThat(m.getLabelValuesList()).hasSameSizeAs(described.get(m.getName())));
        assertThat(value(ofContainer.getMetricsList(), "container_processes")).isEqualTo(2);
        assertThat(value(ofContainer.getMetricsList(), "container_file_descriptors")).isPositive();
        assertThat(value(ofContainer.getMetricsList(), "container_memory_usage_bytes")).isPositive();
        assertThat(value(ofContainer.getMetricsList(), "container_fs_limit_bytes")).isPositive();
        assertThat(value(ofContainer.getMetricsList(), "container_ulimits_soft")).isPositive();
        assertThat(value(metrics.getFirst().getMetricsList(), "container_network_receive_bytes_total")).isNotNegative();
    }

    private static long value(List<Metric> metrics, String name) {
        return metrics.stream().filter(m -> m.getName().equals(name)).findFirst().orElseThrow().getValue().getValue();
    }

    @Test
    void streamsTellTheSameAsLists() throws Exception {
        Pod pod = run("streamed");
        String id = startSleeping(pod);

        assertThat(all(cri.runtime().streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance()), r -> r.getPodSandboxesList()))
                .isEqualTo(cri.pods());
        assertThat(all(cri.runtime().streamContainers(StreamContainersRequest.getDefaultInstance()), r -> r.getContainersList()))
                .isEqualTo(cri.containers());
        assertThat(all(cri.images().streamImages(StreamImagesRequest.getDefaultInstance()), r -> r.getImagesList())).isEqualTo(cri.listImages());
        assertThat(all(cri.runtime().streamContainerStats(StreamContainerStatsRequest.getDefaultInstance()), r -> r.getContainerStatsList()))
                .extracting(s -> s.getAttributes().getId()).containsExactly(id);
        assertThat(all(cri.runtime().streamPodSandboxStats(StreamPodSandboxStatsRequest.getDefaultInstance()), r -> r.getPodSandboxStatsList()))
                .extracting(s -> s.getAttributes().getId()).containsExactly(pod.id());
        assertThat(all(cri.runtime().streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance()),
                r -> r.getPodSandboxMetricsList())).extracting(m -> m.getPodSandboxId()).containsExactly(pod.id());
    }

    private static <R, T> List<T> all(Iterator<R> messages, Function<R, List<T>> entries) {
        var all = new ArrayList<T>();
        messages.forEachRemaining(message -> all.addAll(entries.apply(message)));
        return all;
    }

    @Test
    void whatIsNotKnownHasNoStats() throws Exception {
        assertRefusedWithoutTrace(Code.NOT_FOUND, () -> stats("0123456789abcdef"));
        assertRefusedWithoutTrace(Code.NOT_FOUND, () -> podStats("0123456789abcdef"));
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> stats(""));
    }
}
