package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyedLocksTest {
    @Test
    void oneKeyIsHeldOnceAtATimeAndNothingIsKept() throws Exception {
        var locks = new KeyedLocks<Integer>();
        Map<Integer, int[]> counters = new HashMap<>();
        for (int key = 0; key < 3; key++) {
            counters.put(key, new int[1]);
        }
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 8; t++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 3_000; i++) {
                    int key = i % 3;
                    try (var held = locks.lock(key)) {
                        int[] counter = counters.get(key);
                        int before = counter[0];
                        Thread.yield();
                        counter[0] = before + 1;
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(counters.values()).allSatisfy(c -> assertThat(c[0]).isEqualTo(8_000));
        assertThat(locks.size()).isZero();
    }
}
