package io.cairn.demo;

import java.io.PrintStream;
import java.time.Duration;

/** Tells the story in numbered steps. */
final class Narrator {
    private final PrintStream out;
    private final long begun = System.nanoTime();
    private int steps;

    Narrator(PrintStream out) {
        this.out = out;
    }

    void step(String text, Object... arguments) {
        steps++;
        out.printf("%n%2d  %s%n", steps, text.formatted(arguments));
    }

    void detail(String text, Object... arguments) {
        text.formatted(arguments).lines().forEach(line -> out.println("    " + line));
    }

    void end(String text) {
        out.printf("%n%s It took %.1f s.%n", text, sinceNanos(begun) / 1e9);
    }

    static long millisSince(long nanos) {
        return Duration.ofNanos(sinceNanos(nanos)).toMillis();
    }

    private static long sinceNanos(long nanos) {
        return System.nanoTime() - nanos;
    }
}
