package io.cairn.bench.journal;

import io.cairn.core.recovery.Replay;
import io.cairn.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The first thing a JVM does, as at the daemon's start: a journal and its projection, both closed in good order, are opened. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(5)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class OpeningBenchmark {
    /** The difference is what the history adds. */
    @Param({"1000", "1000000"})
    public int events;

    private Path directory;
    private List<Path> epochs;
    private Journal journal;
    private Replay.Replayed replayed;

    @Setup(Level.Trial)
    public void find() throws IOException {
        directory = Path.of(System.getProperty("cairn.bench.prepared")).resolve(Integer.toString(events));
        epochs = epochs();
    }

    private List<Path> epochs() throws IOException {
        try (var list = Files.list(directory.resolve("journal"))) {
            return list.toList();
        }
    }

    @Benchmark
    public long open() throws Exception {
        journal = BenchJournal.open(directory.resolve("journal"));
        replayed = Replay.run(journal, directory.resolve("projection"), directory.resolve("snapshots"));
        return replayed.eventsApplied();
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        replayed.projection().close();
        journal.close();
        // The next JVM finds everything as this one did.
        for (Path begun : epochs().stream().filter(epoch -> !epochs.contains(epoch)).toList()) {
            BenchJournal.delete(begun);
        }
        BenchJournal.delete(directory.resolve("projection"));
        BenchJournal.copy(directory.resolve("projection.closed"), directory.resolve("projection"));
    }
}
