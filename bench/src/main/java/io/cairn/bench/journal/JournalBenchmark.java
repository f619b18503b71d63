package io.cairn.bench.journal;

import io.cairn.core.recovery.Replay;
import io.cairn.journal.Journal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs all of it and says what came out beside what is wanted: {@code scripts/bench-journal.sh [DIRECTORY]}. */
public final class JournalBenchmark {
    private static final double SYNC_FACTOR_MAX = 1.3;
    private static final double REPLAY_EVENTS_PER_SECOND_MIN = 400_000;
    private static final double OPENING_ADDED_MILLIS_MAX = 100;
    private static final List<Integer> CALLERS = List.of(1, 4, 16, 64);

    private final List<String> lines = new ArrayList<>();
    private final Path directory;

    private JournalBenchmark(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = BenchJournal.newDirectory();
        try {
            new JournalBenchmark(directory).run();
        } finally {
            BenchJournal.delete(directory);
        }
    }

    private void run() throws Exception {
        SyncBenchmark.Result sync = SyncBenchmark.run(directory);
        say("%s (wanted: at most %.1f)".formatted(sync.text(), SYNC_FACTOR_MAX));
        for (int callers : CALLERS) {
            RunResult commits = jmh(GroupCommitBenchmark.class, callers).iterator().next();
            var statistics = commits.getPrimaryResult().getStatistics();
            say("%2d callers of the engine: p50 %.0f µs, p99 %.0f µs, %.0f events/s".formatted(callers, statistics.getPercentile(50),
                    statistics.getPercentile(99), callers * 1e6 / statistics.getMean()));
        }
        double perSecond = jmh(ReplayBenchmark.class, 1).iterator().next().getPrimaryResult().getScore();
        say("replay of %d events from nothing: %.0f events/s (wanted: at least %.0f)".formatted(BenchJournal.EVENTS, perSecond,
                REPLAY_EVENTS_PER_SECOND_MIN));
        prepare(1000);
        prepare(BenchJournal.EVENTS);
        var openings = jmh(OpeningBenchmark.class, 1).stream().map(result -> result.getPrimaryResult().getScore()).toList();
        say("opening with an up-to-date projection: %.0f ms with 1000 events, %.0f ms with %d; that adds %.0f ms (wanted: less than %.0f)".formatted(
                openings.get(0), openings.get(1), BenchJournal.EVENTS, openings.get(1) - openings.get(0), OPENING_ADDED_MILLIS_MAX));
        lines.forEach(System.out::println);
    }

    private void say(String line) {
        System.out.println(line);
        lines.add(line);
    }

    private Collection<RunResult> jmh(Class<?> benchmark, int threads) throws Exception {
        return new Runner(new OptionsBuilder().include(benchmark.getName()).threads(threads).verbosity(VerboseMode.SILENT)
                .jvmArgsAppend("-Dcairn.bench.dir=" + directory, "-Dcairn.bench.prepared=" + directory).shouldFailOnError(true).build()).run();
    }

    /** A journal and its projection, closed in good order: what was appended last lies in the newest epoch. */
    private void prepare(int events) throws Exception {
        Path prepared = Files.createDirectory(directory.resolve(Integer.toString(events)));
        try (Journal journal = BenchJournal.open(prepared.resolve("journal"))) {
            BenchJournal.append(journal, events);
            Replay.run(journal, prepared.resolve("projection"), prepared.resolve("snapshots")).projection().close();
        }
        BenchJournal.copy(prepared.resolve("projection"), prepared.resolve("projection.closed"));
    }
}
