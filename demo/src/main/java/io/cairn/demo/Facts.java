package io.cairn.demo;

import io.cairn.proto.cri.Container;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.PodSandboxStatus;
import io.cairn.testkit.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What CRI says of a pod and its containers, and what the kernel says of their processes. Two are equal if nothing has changed. */
record Facts(PodSandboxStatus pod, List<Row> rows) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private static final int SHORT_ID = 12;

    /** @param startTicks when the process began, in ticks since the boot: with the pid it names one process for ever */
    record Row(ContainerStatus status, long pid, long startTicks) {}

    static Facts of(CriClient cri, String podId) throws IOException {
        var rows = new ArrayList<Row>();
        for (Container container : cri.containers()) {
            if (container.getPodSandboxId().equals(podId)) {
                long pid = cri.pid(container.getId());
                rows.add(new Row(cri.containerStatus(container.getId()), pid, startTicks(pid)));
            }
        }
        rows.sort(Comparator.comparing(r -> r.status().getMetadata().getName()));
        return new Facts(cri.podStatus(podId), List.copyOf(rows));
    }

    /** Field 22 of proc_pid_stat(5); the second is in parentheses and may hold anything. */
    private static long startTicks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);
    }

    String table() {
        var text = new StringBuilder("%-10s %-14s %-10s %8s  %s%n".formatted("name", "id", "state", "pid", "started"));
        text.append("%-10s %-14s %-10s %8s  %s%n".formatted(pod.getMetadata().getName(), shortId(pod.getId()),
                pod.getState().name().replace("SANDBOX_", ""), "", time(pod.getCreatedAt()) + "  " + pod.getNetwork().getIp()));
        for (Row row : rows) {
            ContainerStatus status = row.status();
            text.append("%-10s %-14s %-10s %8d  %s%n".formatted("  " + status.getMetadata().getName(), shortId(status.getId()),
                    status.getState().name().replace("CONTAINER_", ""), row.pid(), time(status.getStartedAt())));
        }
        return text.toString();
    }

    private static String time(long nanos) {
        return TIME.format(Instant.ofEpochSecond(0, nanos));
    }

    static String shortId(String id) {
        return id.substring(0, Math.min(SHORT_ID, id.length()));
    }
}
