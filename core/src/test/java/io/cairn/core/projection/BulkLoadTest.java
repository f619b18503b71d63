package io.cairn.core.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.RandomHistory;
import io.cairn.core.sim.Rng;
import io.cairn.proto.state.MetaRow;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However many events come in how large chunks, the rows are those of one event after the other. */
class BulkLoadTest {
    private static final int EVENTS = 600;

    @TempDir(factory = InMemory.class) Path temp;

    @Test
    void theRowsAreThoseOfOneEventAfterTheOtherWhereverTheChunksEnd() throws Exception {
        for (int stepsPerChunk : new int[] {1, 7, 250, 10_000}) {
            Rng rng = Rng.printed("bulk loads in chunks of " + stepsPerChunk);
            Path directory = Files.createDirectory(temp.resolve("chunks" + stepsPerChunk));
            var history = new RandomHistory(rng);
            try (var one = Projection.open(directory.resolve("one")); var bulk = Projection.open(directory.resolve("bulk"))) {
                State before = State.EMPTY;
                for (int load = 0; load < 2; load++) {
                    before = load(history, before, one, new BulkLoad(bulk, directory.resolve("work"), before, stepsPerChunk));
                    assertThat(rows(bulk)).isEqualTo(rows(one));
                    assertThat(bulk.load()).isEqualTo(before);
                    assertThat(RowComparison.of(one, bulk).difference()).isEmpty();
                }
            }
            assertThat(directory.resolve("work")).doesNotExist();
        }
    }

    @Test
    void whatTakesLongToApplyAgainIsOnTheDiskAfterwards() throws Exception {
        var history = new RandomHistory(Rng.printed("a load that is flushed"));
        try (var projection = Projection.open(temp.resolve("rows"))) {
            State few = load(history, State.EMPTY, projection, BulkLoad.STEPS_WORTH_A_FLUSH - 1);
            assertThat(onTheDisk()).isEmpty();
            load(history, few, projection, BulkLoad.STEPS_WORTH_A_FLUSH);
            assertThat(onTheDisk()).isEqualTo(projection.meta());
        }
    }

    private Option<MetaRow> onTheDisk() throws Exception {
        try (var rows = Projection.openReadOnly(temp.resolve("rows"), temp)) {
            return rows.meta();
        }
    }

    private State load(RandomHistory history, State before, Projection projection, int events) {
        State state = before;
        try (var bulk = new BulkLoad(projection, temp.resolve("work"), before)) {
            for (int i = 0; i < events; i++) {
                Step step = history.next();
                bulk.add(step, new byte[32]);
                state = step.after();
            }
            bulk.finish();
        }
        return state;
    }

    private static State load(RandomHistory history, State before, Projection one, BulkLoad bulk) {
        State state = before;
        for (int i = 0; i < EVENTS; i++) {
            Step step = history.next();
            byte[] head = ByteBuffer.allocate(32).putLong(step.event().getSequence()).array();
            one.apply(Vector.of(step), head);
            bulk.add(step, head);
            state = step.after();
        }
        bulk.finish();
        return state;
    }

    private static List<String> rows(Projection projection) throws Exception {
        var rows = new ArrayList<String>();
        projection.forEachRow((key, value) -> rows.add(HexFormat.of().formatHex(key) + " = " + HexFormat.of().formatHex(value)));
        return rows;
    }
}
