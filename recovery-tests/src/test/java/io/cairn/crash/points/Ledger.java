package io.cairn.crash.points;

import io.cairn.crash.points.Moments.Moment;
import io.cairn.crash.points.Points.Point;
import io.cairn.crash.points.Suite.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was stopped at and was well, in a file, so that a suite that was interrupted goes on where it was. The file is of one build of the code:
 * with another, it begins anew. One line for each thing, by the names of steps and points; what is after the last whole line was cut off.
 * Thread-safe.
 */
final class Ledger {
    private static final String TAB = "\t";
    private static final String NONE = "-";

    private final Optional<Path> file;
    private final Map<Target, List<Moment>> recoveries = new HashMap<>();
    private final Set<Pair> pairs = new HashSet<>();

    /** A point, and one of the recovery from a death there. */
    record Pair(Target first, Point second) {}

    private Ledger(Optional<Path> file) {
        this.file = file;
    }

    /** Remembers nothing from before. */
    static Ledger empty() {
        return new Ledger(Optional.empty());
    }

    /** @param build names the code that is tested */
    static Ledger of(Path file, String build) throws IOException {
        var ledger = new Ledger(Optional.of(file));
        Files.createDirectories(file.getParent());
        String text = Files.exists(file) ? Files.readString(file) : "";
        List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(build)) {
            lines = List.of(build);
        }
        // Whole lines only: the next one is appended.
        Files.writeString(file, String.join("\n", lines) + "\n");
        lines.subList(1, lines.size()).forEach(ledger::read);
        return ledger;
    }

    private void read(String line) {
        String[] fields = line.split(TAB);
        var first = new Target(Scenario.number(fields[1]), Point.parse(fields[2]));
        if (fields[0].equals("pair")) {
            pairs.add(new Pair(first, Point.parse(fields[3])));
            return;
        }
        var moments = new ArrayList<Moment>();
        for (int i = 3; i < fields.length; i += 3) {
            moments.add(new Moment(Point.parse(fields[i]), Integer.parseInt(fields[i + 1]), Optional.of(fields[i + 2]).filter(f -> !f.equals(NONE))));
        }
        recoveries.put(first, moments);
    }

    /** A death there was well, and this is what its recovery came by. */
    synchronized void note(Target first, List<Moment> moments) throws IOException {
        recoveries.put(first, moments);
        var line = new StringBuilder("point" + TAB + name(first));
        moments.forEach(m -> line.append(TAB).append(m.point()).append(TAB).append(m.kind()).append(TAB).append(m.alike().orElse(NONE)));
        append(line.toString());
    }

    /** A second death was well. */
    synchronized void note(Pair pair) throws IOException {
        pairs.add(pair);
        append("pair" + TAB + name(pair.first()) + TAB + pair.second());
    }

    private static String name(Target target) {
        return Scenario.STEPS.get(target.step()).name() + TAB + target.point();
    }

    private void append(String line) throws IOException {
        if (file.isPresent()) {
            Files.writeString(file.get(), line + "\n", StandardOpenOption.APPEND);
        }
    }

    synchronized Map<Target, List<Moment>> recoveries() {
        return Map.copyOf(recoveries);
    }

    synchronized boolean has(Target first, Optional<Point> second) {
        return second.isPresent() ? pairs.contains(new Pair(first, second.get())) : recoveries.containsKey(first);
    }
}
