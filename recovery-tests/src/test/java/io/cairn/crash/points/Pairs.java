package io.cairn.crash.points;

import io.cairn.crash.points.Ledger.Pair;
import io.cairn.crash.points.Moments.Moment;
import io.cairn.crash.points.Suite.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The pairs of a point and one of the recovery from a death there.
 *
 * @param all each of them
 * @param different one of each kind
 * @param asFirst how many are the same as the single death
 * @param asSecond how many are the same as another death in that recovery
 * @param asAnother how many are the same as a death in another recovery in the same step
 */
record Pairs(List<Pair> all, List<Pair> different, int asFirst, int asSecond, int asAnother) {
    static Pairs of(List<Target> points, Map<Target, List<Moment>> recoveries) {
        var counter = new Counter();
        points.stream().filter(recoveries::containsKey).forEach(first -> counter.add(first, recoveries.get(first)));
        return new Pairs(counter.all, counter.different, counter.asFirst, counter.asSecond, counter.asAnother);
    }

    private static final class Counter {
        final List<Pair> all = new ArrayList<>();
        final List<Pair> different = new ArrayList<>();
        final HashSet<String> alike = new HashSet<>();
        int asFirst;
        int asSecond;
        int asAnother;

        void add(Target first, List<Moment> moments) {
            var kinds = new HashSet<Integer>();
            for (Moment moment : moments) {
                var pair = new Pair(first, moment.point());
                all.add(pair);
                if (moment.kind() == Moment.AS_BEFORE) {
                    asFirst++;
                } else if (!kinds.add(moment.kind())) {
                    asSecond++;
                } else if (moment.alike().isPresent() && !alike.add(first.step() + moment.alike().get())) {
                    asAnother++;
                } else {
                    different.add(pair);
                }
            }
        }
    }

    List<Pair> sample(int count, Random random) {
        var shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        return shuffled.subList(0, Math.min(shuffled.size(), count));
    }

    /** How many are equal to what is run, in words. */
    String equal() {
        return "%d found equal to the first death alone, %d to another pair of the same first point, %d to one of another".formatted(asFirst, asSecond,
                asAnother);
    }
}
