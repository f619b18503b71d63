package io.cairn.core.stats;

import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How fast processor time is used: the difference of two counts by the time between them. Thread-safe. */
final class CpuRates {
    /** Over a shorter time, the ticks in which the kernel counts would show. */
    static final long INTERVAL_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);

    private final ConcurrentHashMap<String, Sample> samples = new ConcurrentHashMap<>();

    private record Sample(long atNanos, long usageNanos, Option<Long> rate) {
        Sample next(long now, long usage) {
            if (usage < usageNanos) {
                return new Sample(now, usage, Option.none());
            }
            long elapsed = now - atNanos;
            return elapsed < INTERVAL_NANOS_MIN
                    ? this
                    : new Sample(now, usage, Option.some((long) ((double) (usage - usageNanos) / elapsed * TimeUnit.SECONDS.toNanos(1))));
        }
    }

    /**
     * @param atNanos monotonic time of the count
     * @return nanoseconds of processor time in a second, over the last interval between two counts; none at the first count
     */
    Option<Long> count(String id, long atNanos, long usageNanos) {
        return samples.merge(id, new Sample(atNanos, usageNanos, Option.none()), (last, now) -> last.next(now.atNanos(), now.usageNanos()))
                .rate();
    }

    /** Forgets what is not there any more. */
    void keep(Set<String> ids) {
        samples.keySet().removeIf(id -> !ids.contains(id));
    }

    int size() {
        return samples.size();
    }
}
