package io.cairn.core.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.State;
import io.cairn.core.engine.Projector;
import io.cairn.core.evolve.Evolver;
import io.cairn.core.evolve.Step;
import io.cairn.core.sim.Configs;
import io.cairn.core.sim.Ids;
import io.cairn.core.sim.RandomHistory;
import io.cairn.core.sim.Rng;
import io.cairn.core.sim.TestClock;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.SandboxRunIntended;
import io.cairn.testkit.Await;
import io.cairn.testkit.LoopDisk;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeferringProjectorTest {
    private static final long DISK_BYTES = 64L << 20;
    private static final int LARGE_CHARS = 100_000;

    @TempDir Path temp;

    private final TestClock clock = new TestClock();
    private final RandomHistory history = new RandomHistory(Rng.printed("deferred projections"));
    private State state = State.EMPTY;
    private long sequence;

    /** Takes events while it works. */
    private static final class Breaking implements Projector {
        final List<Long> applied = new ArrayList<>();
        boolean broken;
        int attempts;

        @Override
        public void apply(Vector<Step> steps, byte[] head) {
            attempts++;
            if (broken) {
                throw new UncheckedIOException(new IOException("The projection could not be written: No space left on device"));
            }
            applied.addAll(steps.map(step -> step.event().getSequence()).asJava());
        }

        @Override
        public void close() {}
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenLaterInItsOrderAndNotTriedAllTheTime() {
        var projection = new Breaking();
        var deferring = new DeferringProjector(projection, clock);
        apply(deferring, 2);
        projection.broken = true;
        apply(deferring, 50);
        assertThat(projection.attempts).isEqualTo(3);
        clock.advanceMillis(1000);
        apply(deferring, 1);
        assertThat(projection.attempts).isEqualTo(4);
        projection.broken = false;
        apply(deferring, 1);
        assertThat(projection.applied).hasSize(2);
        clock.advanceMillis(1000);
        apply(deferring, 2);
        assertThat(projection.applied).hasSize(56).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whatNeverWorksAgainIsGivenUpAndHoldsNoMemory() {
        var projection = new Breaking();
        var deferring = new DeferringProjector(projection, clock);
        projection.broken = true;
        Step step = history.next();
        for (int i = 0; i < 20_100; i++) {
            deferring.apply(Vector.of(step), new byte[32]);
        }
        projection.broken = false;
        clock.advanceMillis(10_000);
        deferring.apply(Vector.of(step), new byte[32]);
        assertThat(projection.applied).as("rows would be missing in between").isEmpty();
    }

    /** RocksDB itself: it meets the full disk when it writes its tables, behind our back, and refuses everything from then on. */
    @Test
    void aProjectionOnAFullDiskIsWholeAgainWhenThereIsSpace() throws Exception {
        try (LoopDisk disk = LoopDisk.make(temp, LoopDisk.Type.EXT4, DISK_BYTES)) {
            Path directory = disk.root().resolve("projection");
            var steps = new ArrayList<Step>();
            try (var projection = Projection.open(directory); var expected = Projection.open(temp.resolve("expected"))) {
                var refusals = new int[1];
                var deferring = new DeferringProjector(counting(projection, refusals), clock);
                disk.fill();
                while (refusals[0] < 2) {
                    applyToBoth(deferring, expected, steps, LARGE_CHARS);
                }
                assertThat(projection.load()).as("what was written is still one state").isNotNull();
                disk.free();
                long before = steps.size();
                Await.until("RocksDB to notice that there is space", Duration.ofSeconds(60), () -> {
                    applyToBoth(deferring, expected, steps, 0);
                    return applied(projection) == steps.size();
                });
                assertThat(steps.size()).isGreaterThan((int) before);
                assertThat(RowComparison.of(expected, projection).difference()).isEmpty();
            }
            try (var projection = Projection.open(directory)) {
                assertThat(applied(projection)).as("it was closed in good order").isEqualTo(steps.size());
            }
        }
    }

    private void applyToBoth(Projector deferring, Projector expected, List<Step> steps, int chars) {
        clock.advanceMillis(1000);
        var group = new ArrayList<Step>();
        for (int i = 0; i < 10; i++) {
            group.add(pod(chars));
        }
        steps.addAll(group);
        byte[] head = ByteBuffer.allocate(32).putLong(steps.size()).array();
        expected.apply(Vector.ofAll(group), head);
        deferring.apply(Vector.ofAll(group), head);
    }

    /** Some tens of large ones fill RocksDB's write buffer, so that it writes a table. */
    private Step pod(int chars) {
        sequence++;
        var config = Configs.pod("p" + sequence, 0).toBuilder().putAnnotations("large", "x".repeat(chars)).build();
        Step step = Step.of(state, Event.newBuilder().setSequence(sequence).setEpoch(1).setVersion(Evolver.VERSION).setSandboxRunIntended(
                SandboxRunIntended.newBuilder().setSandboxId(Ids.of("p" + sequence)).setConfig(config)).build());
        state = step.after();
        return step;
    }

    private static Projector counting(Projector projection, int[] refusals) {
        return new Projector() {
            @Override
            public void apply(Vector<Step> steps, byte[] head) {
                try {
                    projection.apply(steps, head);
                } catch (UncheckedIOException e) {
                    refusals[0]++;
                    throw e;
                }
            }

            @Override
            public void close() {
                projection.close();
            }
        };
    }

    private void apply(Projector projector, int events) {
        for (int i = 0; i < events; i++) {
            projector.apply(Vector.of(history.next()), new byte[32]);
        }
    }

    private static long applied(Projection projection) throws Exception {
        return projection.meta().get().getAppliedSequence();
    }
}
