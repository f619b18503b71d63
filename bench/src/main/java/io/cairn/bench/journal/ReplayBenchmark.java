package io.cairn.bench.journal;

import io.cairn.core.projection.Projection;
import io.cairn.core.recovery.Replay;
import io.cairn.journal.Journal;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A million events of pods' lives: read, held to the chain, parsed, evolved and projected, from nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplayBenchmark {
    private Path directory;
    private Journal journal;

    @Setup
    public void write() throws Exception {
        directory = BenchJournal.newDirectory();
        journal = BenchJournal.open(directory.resolve("journal"));
        BenchJournal.append(journal, BenchJournal.EVENTS);
    }

    @Setup(Level.Invocation)
    public void forget() throws Exception {
        Projection.discard(directory.resolve("projection"));
    }

    @Benchmark
    @OperationsPerInvocation(BenchJournal.EVENTS)
    public long fromNothing() throws Exception {
        Replay.Replayed replayed = Replay.run(journal, directory.resolve("projection"), directory.resolve("snapshots"));
        replayed.projection().close();
        return replayed.eventsApplied();
    }

    @TearDown
    public void delete() throws Exception {
        journal.close();
        BenchJournal.delete(directory);
    }
}
