package io.cairn.core.cri;

import io.cairn.cgroups.CgroupUse;
import io.cairn.cgroups.CpuUse;
import io.cairn.cgroups.MemoryUse;
import io.cairn.cgroups.Pressure;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.stats.ContainerReading;
import io.cairn.core.stats.PodReading;
import io.cairn.network.InterfaceCounters;
import io.cairn.proto.cri.ContainerAttributes;
import io.cairn.proto.cri.CpuUsage;
import io.cairn.proto.cri.FilesystemIdentifier;
import io.cairn.proto.cri.FilesystemUsage;
import io.cairn.proto.cri.IoUsage;
import io.cairn.proto.cri.LinuxPodSandboxStats;
import io.cairn.proto.cri.MemoryUsage;
import io.cairn.proto.cri.NetworkInterfaceUsage;
import io.cairn.proto.cri.NetworkUsage;
import io.cairn.proto.cri.PodSandboxAttributes;
import io.cairn.proto.cri.ProcessUsage;
import io.cairn.proto.cri.PsiData;
import io.cairn.proto.cri.PsiStats;
import io.cairn.proto.cri.SwapUsage;
import io.cairn.proto.cri.UInt64Value;
import io.vavr.control.Option;

/** From readings to CRI messages. What was not read is absent, which clients tell from zero. */
final class StatsReplies {
    private StatsReplies() {}

    static io.cairn.proto.cri.ContainerStats container(ContainerReading reading) {
        var stats = io.cairn.proto.cri.ContainerStats.newBuilder().setAttributes(attributes(reading.container()));
        reading.use().forEach(use -> {
            use.cpu().forEach(cpu -> stats.setCpu(cpu(reading.atNanos(), cpu, reading.nanoCores(), use.cpuPressure())));
            use.memory().forEach(memory -> stats.setMemory(memory(reading.atNanos(), memory, use.memoryPressure())));
            use.memory().flatMap(MemoryUse::swap).forEach(swap -> stats.setSwap(swap(reading.atNanos(), swap)));
            use.ioPressure().forEach(io -> stats.setIo(IoUsage.newBuilder().setTimestamp(reading.atNanos()).setPsi(psi(io))));
        });
        reading.layer().forEach(layer -> stats.setWritableLayer(FilesystemUsage.newBuilder().setTimestamp(layer.atNanos())
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(layer.use().mountPoint()))
                .setUsedBytes(value(layer.use().usedBytes())).setInodesUsed(value(layer.use().usedInodes()))));
        return stats.build();
    }

    static io.cairn.proto.cri.PodSandboxStats pod(PodReading reading) {
        var linux = LinuxPodSandboxStats.newBuilder();
        reading.use().forEach(use -> {
            use.cpu().forEach(cpu -> linux.setCpu(cpu(reading.atNanos(), cpu, reading.nanoCores(), use.cpuPressure())));
            use.memory().forEach(memory -> linux.setMemory(memory(reading.atNanos(), memory, use.memoryPressure())));
            use.tasks().forEach(tasks -> linux.setProcess(ProcessUsage.newBuilder().setTimestamp(reading.atNanos()).setProcessCount(value(tasks))));
            use.ioPressure().forEach(io -> linux.setIo(IoUsage.newBuilder().setTimestamp(reading.atNanos()).setPsi(psi(io))));
        });
        if (reading.network().nonEmpty()) {
            var network = NetworkUsage.newBuilder().setTimestamp(reading.atNanos());
            Option<InterfaceCounters> main = InterfaceCounters.main(reading.network());
            main.forEach(counters -> network.setDefaultInterface(carried(counters)));
            reading.network().filter(counters -> !main.contains(counters)).forEach(counters -> network.addInterfaces(carried(counters)));
            linux.setNetwork(network);
        }
        reading.containers().forEach(c -> linux.addContainers(container(c)));
        return io.cairn.proto.cri.PodSandboxStats.newBuilder().setAttributes(attributes(reading.sandbox())).setLinux(linux).build();
    }

    private static CpuUsage cpu(long atNanos, CpuUse use, Option<Long> nanoCores, Option<Pressure> pressure) {
        var cpu = CpuUsage.newBuilder().setTimestamp(atNanos).setUsageCoreNanoSeconds(value(use.usageNanos()));
        nanoCores.forEach(rate -> cpu.setUsageNanoCores(value(rate)));
        pressure.forEach(p -> cpu.setPsi(psi(p)));
        return cpu.build();
    }

    private static MemoryUsage memory(long atNanos, MemoryUse use, Option<Pressure> pressure) {
        var memory = MemoryUsage.newBuilder().setTimestamp(atNanos).setWorkingSetBytes(value(use.workingSetBytes()))
                .setUsageBytes(value(use.usageBytes())).setRssBytes(value(use.rssBytes())).setPageFaults(value(use.pageFaults()))
                .setMajorPageFaults(value(use.majorPageFaults()));
        use.availableBytes().forEach(available -> memory.setAvailableBytes(value(available)));
        pressure.forEach(p -> memory.setPsi(psi(p)));
        return memory.build();
    }

    private static SwapUsage swap(long atNanos, MemoryUse.Swap use) {
        var swap = SwapUsage.newBuilder().setTimestamp(atNanos).setSwapUsageBytes(value(use.usageBytes()));
        use.limitBytes().forEach(limit -> swap.setSwapAvailableBytes(value(Math.max(0, limit - use.usageBytes()))));
        return swap.build();
    }

    private static NetworkInterfaceUsage carried(InterfaceCounters counters) {
        return NetworkInterfaceUsage.newBuilder().setName(counters.name()).setRxBytes(value(counters.received().bytes()))
                .setRxErrors(value(counters.received().errors())).setTxBytes(value(counters.sent().bytes()))
                .setTxErrors(value(counters.sent().errors())).build();
    }

    private static PsiStats psi(Pressure pressure) {
        return PsiStats.newBuilder().setSome(psi(pressure.some())).setFull(psi(pressure.full())).build();
    }

    private static PsiData psi(Pressure.Share share) {
        return PsiData.newBuilder().setTotal(share.totalMicros()).setAvg10(share.avg10()).setAvg60(share.avg60())
                .setAvg300(share.avg300()).build();
    }

    private static ContainerAttributes attributes(Container c) {
        return ContainerAttributes.newBuilder().setId(c.id()).setMetadata(c.config().getMetadata())
                .putAllLabels(c.config().getLabelsMap()).putAllAnnotations(c.config().getAnnotationsMap()).build();
    }

    private static PodSandboxAttributes attributes(Sandbox s) {
        return PodSandboxAttributes.newBuilder().setId(s.id()).setMetadata(s.config().getMetadata())
                .putAllLabels(s.config().getLabelsMap()).putAllAnnotations(s.config().getAnnotationsMap()).build();
    }

    static UInt64Value value(long value) {
        return UInt64Value.newBuilder().setValue(value).build();
    }
}
