package io.cairn.crash.points;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.crash.points.Ledger.Pair;
import io.cairn.crash.points.Moments.Moment;
import io.cairn.crash.points.Points.Point;
import io.cairn.crash.points.Suite.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every pair is run or equal to one that is. */
final class PairsTest {
    private static final Target FIRST = new Target(0, point("first"));
    private static final Target OTHER = new Target(0, point("other"));
    private static final Target LATER = new Target(1, point("first"));

    private static Point point(String site) {
        return new Point(site, 1);
    }

    private static Moment moment(String site, int kind, String... alike) {
        return new Moment(point(site), kind, List.of(alike).stream().findFirst());
    }

    @Test
    void ofEachKindOneIsRun() {
        var pairs = Pairs.of(List.of(FIRST), Map.of(FIRST, List.of(moment("a", 0), moment("b", 0), moment("c", 1), moment("d", 2), moment("e", 1))));
        assertThat(pairs.all()).hasSize(5);
        assertThat(pairs.different()).containsExactly(new Pair(FIRST, point("c")), new Pair(FIRST, point("d")));
        assertThat(pairs.asFirst()).isEqualTo(2);
        assertThat(pairs.asSecond()).isEqualTo(1);
        assertThat(pairs.asAnother()).isZero();
    }

    @Test
    void twoRecoveriesAreOnlyComparedInOneStepAndByWhatTheyHaveInCommon() {
        List<Moment> moments = List.of(moment("a", 0, "x"), moment("b", 1, "y"), moment("c", 2));
        var pairs = Pairs.of(List.of(FIRST, OTHER, LATER), Map.of(FIRST, moments, OTHER, moments, LATER, moments));
        assertThat(pairs.different()).containsExactly(new Pair(FIRST, point("b")), new Pair(FIRST, point("c")), new Pair(OTHER, point("c")),
                new Pair(LATER, point("b")), new Pair(LATER, point("c")));
        assertThat(pairs.asAnother()).isEqualTo(1);
        assertThat(pairs.asFirst() + pairs.asSecond() + pairs.asAnother() + pairs.different().size()).isEqualTo(pairs.all().size());
    }

    @Test
    void whatNobodyHasLookedAtIsAllRun() {
        var pairs = Pairs.of(List.of(FIRST), Map.of(FIRST, Moments.each(List.of(point("a"), point("b")))));
        assertThat(pairs.different()).isEqualTo(pairs.all());
    }
}
