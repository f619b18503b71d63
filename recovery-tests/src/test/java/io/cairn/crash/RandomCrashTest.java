package io.cairn.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.Container;
import io.cairn.proto.cri.PodSandbox;
import io.cairn.testkit.Await;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.Leaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** kill -9 at random moments under load: nothing that was acknowledged is lost, nothing happens twice, nothing is left. */
final class RandomCrashTest {
    private static final int ROUNDS = Integer.getInteger("cairn.crash.rounds", 15);
    private static final int CLIENTS = 2;

    @Test
    void whatWasAcknowledgedHoldsAfterEveryKill() throws Exception {
        long seed = Long.getLong("cairn.crash.seed", System.nanoTime());
        System.out.println("seed: -Dcairn.crash.seed=" + seed);
        var random = new Random(seed);
        try (var host = new CrashNode(); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Leaks leaks = Leaks.since(host.node);
            var loads = new ArrayList<Load>();
            for (int i = 0; i < CLIENTS; i++) {
                loads.add(new Load(host, Character.toString('a' + i), random.nextLong()));
            }
            for (int round = 1; round <= ROUNDS; round++) {
                try {
                    crash(host, loads, random, threads);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("seed %d, round %d: %s%nThe daemon's log ends with:%n%s".formatted(seed, round, e.getMessage(),
                            host.daemon.logTail()), e);
                }
            }
            System.out.printf("%d calls were acknowledged, %d kills%n", acknowledged(loads), ROUNDS);
            assertThat(acknowledged(loads)).isGreaterThan(ROUNDS);
            host.cri().removeEverything();
            leaks.assertNothingLeft(loads.stream().flatMap(l -> l.everyId().stream()).toList());
        }
    }

    private static void crash(CrashNode host, List<Load> loads, Random random, ExecutorService threads) throws Exception {
        CriClient cri = host.cri();
        var running = loads.stream().map(load -> CompletableFuture.runAsync(() -> until(load, cri), threads)).toList();
        // By calls rather than by time: a slow machine has its crashes in the midst of work, too.
        int enough = acknowledged(loads) + random.nextInt(15);
        Await.until("calls are answered", CrashNode.PATIENCE, () -> acknowledged(loads) >= enough || running.stream().anyMatch(CompletableFuture::isDone));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
        host.daemon.kill9();
        for (var load : running) {
            load.join();
        }
        // Containers may end meanwhile.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(500)));
        host.daemon.start();
        for (Load load : loads) {
            load.check(host.cri());
        }
        assertThat(host.cri().pods()).extracting(PodSandbox::getId)
                .containsExactlyInAnyOrderElementsOf(loads.stream().flatMap(l -> l.podIds().stream()).toList());
        assertThat(host.cri().containers()).extracting(Container::getId)
                .containsExactlyInAnyOrderElementsOf(loads.stream().flatMap(l -> l.containerIds().stream()).toList());
    }

    private static int acknowledged(List<Load> loads) {
        return loads.stream().mapToInt(Load::acknowledged).sum();
    }

    private static void until(Load load, CriClient cri) {
        try {
            load.runUntilCut(cri);
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }
}
