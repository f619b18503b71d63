package io.cairn.bench.journal;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.JournalLog;
import io.cairn.core.engine.Origin;
import io.cairn.core.engine.Projector;
import io.cairn.core.evolve.Step;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.OrphanReaped;
import io.vavr.collection.Vector;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Callers of the engine, each waiting until what it asked for is on stable storage. {@link JournalBenchmark} varies their number. */
@org.openjdk.jmh.annotations.State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 3)
public class GroupCommitBenchmark {
    private static final Command NOTE = new Command.Note(Event.newBuilder().setOrphanReaped(OrphanReaped.newBuilder().setKind("container")
            .setId("0".repeat(64)).setDetail("x".repeat(300))).build());

    private Path directory;
    private Engine engine;

    @Setup
    public void open() throws Exception {
        directory = BenchJournal.newDirectory();
        JournalLog log = JournalLog.open(directory.resolve("journal"), BenchJournal.OPTIONS, Clock.SYSTEM, "boot", "bench");
        engine = new Engine(log, new NoRows(), State.EMPTY, Clock.SYSTEM, (reason, cause) -> {
            throw new IllegalStateException(reason, cause);
        }, step -> {});
    }

    private static final class NoRows implements Projector {
        @Override
        public void apply(Vector<Step> steps, byte[] head) {}

        @Override
        public void close() {}
    }

    @Benchmark
    public boolean commit() {
        return engine.submit(NOTE, Origin.SELF).isRight();
    }

    @TearDown
    public void close() throws Exception {
        engine.close();
        BenchJournal.delete(directory);
    }
}
