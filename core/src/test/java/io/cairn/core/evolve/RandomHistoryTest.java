package io.cairn.core.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.State;
import io.cairn.core.sim.RandomHistory;
import io.cairn.core.sim.Rng;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** Whatever is asked for in whatever order: what is decided can be applied, and the parts of the state stay in step. */
class RandomHistoryTest {
    private static final int HISTORIES = 60;
    private static final int EVENTS = 400;

    @Test
    void everyDecisionCanBeAppliedAndAPlainModelAgrees() {
        Rng rng = Rng.printed("random histories");
        var seen = EnumSet.noneOf(io.cairn.proto.journal.Event.BodyCase.class);
        for (int i = 0; i < HISTORIES; i++) {
            var history = new RandomHistory(rng);
            var model = new PlainModel();
            for (int event = 0; event < EVENTS; event++) {
                Step step = history.next();
                seen.add(step.event().getBodyCase());
                model.apply(step.event());
                assertInStep(step.after());
                model.assertAgrees(step.after());
            }
        }
        assertThat(seen).as("the histories are rich").hasSizeGreaterThanOrEqualTo(33);
    }

    /** The derived maps, derived again. */
    private static void assertInStep(State state) {
        assertThat(state.sandboxByKey()).isEqualTo(HashMap.ofEntries(state.sandboxes().values().map(s -> io.vavr.Tuple.of(s.key(), s.id()))));
        assertThat(state.containerByKey()).isEqualTo(HashMap.ofEntries(state.containers().values().map(c -> io.vavr.Tuple.of(c.key(), c.id()))));
        assertThat(state.containerByKey().size()).isEqualTo(state.containers().size());
        assertThat(state.sandboxByKey().size()).isEqualTo(state.sandboxes().size());
        assertThat(state.containersOfSandbox()).isEqualTo(state.containers().values().groupBy(c -> c.sandboxId())
                .map((id, members) -> io.vavr.Tuple.of(id, HashSet.ofAll(members.map(c -> c.id())))));
        assertThat(state.containers().values().map(c -> c.sandboxId())).allMatch(state.sandboxes()::containsKey);
        assertThat(state.imageByReference()).isEqualTo(HashMap.ofEntries(state.images().values()
                .flatMap(i -> i.repoTags().addAll(i.repoDigests()).toVector().map(reference -> io.vavr.Tuple.of(reference, i.id())))));
        assertThat(state.images().values().toVector().flatMap(i -> i.repoTags().toVector())).as("a tag means one image").doesNotHaveDuplicates();
    }
}
