package io.cairn.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.State;
import io.cairn.core.sim.Directories;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Kubelet;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Programs;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.World;
import io.cairn.journal.JournalReader;
import io.cairn.proto.journal.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is done to the wall clock, the order is that of the journal, nothing is lost, and every start succeeds. */
class ClockTest {
    private static final List<Duration> SETTINGS = List.of(Duration.ofDays(-3650), Duration.ofSeconds(1), Duration.ofDays(36_500),
            Duration.ofDays(-40_150), Duration.ofMillis(-1), Duration.ofDays(20_000), Duration.ofHours(-1));

    @TempDir(factory = InMemory.class) Path temp;

    @Test
    void theClockMayBeSetBackAndForwardBetweenStartsAndDuringARun() throws Exception {
        var clock = new TestClock();
        var world = new World(clock);
        var kubelet = new Kubelet(world);
        int number = 0;
        for (Duration setting : SETTINGS) {
            clock.setWallClock(setting.toMillis());
            Life life = Life.start(temp, world);
            kubelet.talkTo(life);
            kubelet.pull("app");
            kubelet.run("p" + ++number);
            clock.setWallClock(-setting.toMillis() / 2);
            kubelet.create("p" + number, "c" + number, Programs.SLEEP);
            kubelet.start("c" + number);
            clock.setWallClock(setting.toMillis());
            kubelet.exits("c" + number, 7);
            clock.setWallClock(-setting.toMillis() / 2);
            State state = life.engine.state();
            assertThat(state.containers().size()).isEqualTo(number);
            assertThat(life.halts()).isEmpty();
            life.close();
            Directories.delete(temp.resolve("projection"));
        }
        assertThat(world.violations()).isEmpty();
        assertOrder();
        assertThat(Verification.of(temp.resolve("journal"), temp.resolve("projection"), temp.resolve("snapshots"), (phase, sequence) -> {})
                .problems()).isEmpty();
    }

    /** Wall times jump; sequences and, since all this is one boot, monotonic times only grow. */
    private void assertOrder() throws Exception {
        var events = new ArrayList<Event>();
        try (JournalReader reader = JournalReader.open(temp.resolve("journal"), 1)) {
            reader.forEachRemaining(record -> events.add(Replay.parse(record)));
        }
        int jumpsBack = 0;
        for (int i = 1; i < events.size(); i++) {
            assertThat(events.get(i).getSequence()).isEqualTo(events.get(i - 1).getSequence() + 1);
            assertThat(events.get(i).getMonotonicNanos()).isGreaterThan(events.get(i - 1).getMonotonicNanos());
            jumpsBack += events.get(i).getWallTimeNanos() < events.get(i - 1).getWallTimeNanos() ? 1 : 0;
        }
        assertThat(jumpsBack).isGreaterThan(SETTINGS.size());
    }
}
