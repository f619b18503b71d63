package io.cairn.bench.pods;

import java.io.PrintStream;
import java.util.List;
import java.util.function.BiFunction;

/** Medians side by side. */
final class Table {
    private static final String LINE = "%-32s %10s %12s %7s%n";
    private static final int FIRST_FEW = 10;

    private final PrintStream out;
    private final Contestant ours;
    private final Contestant theirs;

    Table(PrintStream out, Contestant ours, Contestant theirs) {
        this.out = out;
        this.ours = ours;
        this.theirs = theirs;
    }

    void print(int pods) {
        out.printf(LINE, "medians, ms", ours.name(), theirs.name(), "ratio");
        if (pods > FIRST_FEW) {
            line(Verb.RUN_POD_SANDBOX, FIRST_FEW);
        }
        for (Verb verb : Verb.values()) {
            line(verb, pods);
        }
        line("until its container runs", pods, Contestant::nanosUntilRunning);
    }

    private void line(Verb verb, int pods) {
        line(verb.title(), pods, (contestant, count) -> contestant.nanos(verb, count));
    }

    private void line(String title, int pods, BiFunction<Contestant, Integer, List<Long>> nanos) {
        double a = medianMillis(nanos.apply(ours, pods));
        double b = medianMillis(nanos.apply(theirs, pods));
        out.printf(LINE, "%s, %d pods".formatted(title, pods), "%.1f".formatted(a), "%.1f".formatted(b), "%.2f".formatted(a / b));
    }

    private static double medianMillis(List<Long> nanos) {
        List<Long> sorted = nanos.stream().sorted().toList();
        int half = sorted.size() / 2;
        long upper = sorted.get(half);
        long lower = sorted.size() % 2 == 0 ? sorted.get(half - 1) : upper;
        return (lower + upper) / 2e6;
    }
}
