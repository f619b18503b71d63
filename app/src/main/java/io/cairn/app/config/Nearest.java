package io.cairn.app.config;

import io.vavr.collection.Seq;
import io.vavr.control.Option;

/** The word somebody probably meant: the nearest by edit distance, if it is near enough to be worth a question. */
final class Nearest {
    /** Longer words are not compared: the table is quadratic, and the input is hostile. */
    private static final int LENGTH_MAX = 64;

    private Nearest() {}

    static Option<String> to(String word, Seq<String> candidates) {
        if (word.length() > LENGTH_MAX) {
            return Option.none();
        }
        int farthest = Math.max(1, word.length() / 3);
        return candidates.filter(c -> distance(word, c) <= farthest).minBy(c -> distance(word, c));
    }

    /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int step(int[][] cost, String a, String b, int i, int j) {
        int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replace, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
