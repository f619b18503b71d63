package io.cairn.bench.pods;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.testkit.Configs;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One runtime under measurement, with what was measured so far. Used by one thread. */
final class Contestant {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String name;
    private final TestNode node;
    private final Supplier<CriClient> client;
    private final Map<Verb, List<Long>> nanos = new EnumMap<>(Verb.class);

    /** @param client of the daemon that runs at the moment */
    Contestant(String name, TestNode node, Supplier<CriClient> client) {
        this.name = name;
        this.node = node;
        this.client = client;
    }

    String name() {
        return name;
    }

    /** What the first so many pods took. */
    List<Long> nanos(Verb verb, int pods) {
        return Collections.unmodifiableList(nanos.get(verb).subList(0, pods));
    }

    /** What it took the first so many pods from being asked for until their container ran. */
    List<Long> nanosUntilRunning(int pods) {
        return IntStream.range(0, pods).mapToObj(pod -> Stream.of(Verb.RUN_POD_SANDBOX, Verb.CREATE_CONTAINER, Verb.START_CONTAINER)
                .mapToLong(verb -> nanos.get(verb).get(pod)).sum()).toList();
    }

    /** A pod from its first to its last call, with one container. */
    void live(String image, String suffix) throws IOException {
        CriClient cri = client.get();
        PodSandboxConfig pod = Configs.pod(node, name + "-" + suffix).build();
        ContainerConfig config = Configs.container("main", image, "sleep", "3600").build();
        String podId = measure(Verb.RUN_POD_SANDBOX, () -> cri.runPod(pod));
        String id = measure(Verb.CREATE_CONTAINER, () -> cri.create(podId, pod, config));
        measure(Verb.START_CONTAINER, () -> cri.start(id));
        measure(Verb.EXEC_SYNC, () -> cri.exec(id, PATIENCE, "true"));
        measure(Verb.STOP_CONTAINER, () -> cri.stop(id, 0));
        measure(Verb.REMOVE_CONTAINER, () -> cri.remove(id));
        measure(Verb.STOP_POD_SANDBOX, () -> cri.stopPod(podId));
        measure(Verb.REMOVE_POD_SANDBOX, () -> cri.removePod(podId));
    }

    private void measure(Verb verb, Runnable call) {
        measure(verb, () -> {
            call.run();
            return verb;
        });
    }

    private <T> T measure(Verb verb, Supplier<T> call) {
        long begun = System.nanoTime();
        T answer = call.get();
        nanos.computeIfAbsent(verb, v -> new ArrayList<>()).add(System.nanoTime() - begun);
        return answer;
    }

    /** Forgets what was measured. */
    void reset() {
        nanos.clear();
    }
}
