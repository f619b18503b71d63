package io.cairn.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.State;
import io.cairn.core.projection.Projection;
import io.cairn.core.sim.Directories;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Kubelet;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Programs;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.World;
import io.cairn.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with a projection, it is thrown away and built from the journal, and is the same again. */
class ReplayTest {
    @TempDir(factory = InMemory.class) Path temp;

    private Path projection;
    private State state;
    private List<String> rows;
    private long events;

    /** A history, ended in good order. */
    @BeforeEach
    void history() throws Exception {
        projection = temp.resolve("projection");
        var world = new World(new TestClock());
        Life life = Life.start(temp, world);
        var kubelet = new Kubelet(world);
        kubelet.talkTo(life);
        kubelet.pull("app");
        kubelet.run("p1");
        for (int i = 0; i < 20; i++) {
            kubelet.create("p1", "c" + i, Programs.SLEEP);
            kubelet.start("c" + i);
        }
        kubelet.exits("c3", 7);
        kubelet.remove("c4");
        state = life.engine.state();
        events = life.log().journal().head().sequence();
        life.close();
        try (var opened = Projection.open(projection)) {
            rows = rows(opened);
        }
    }

    private interface Damage {
        void to(Path projection) throws Exception;
    }

    @Test
    void aWholeProjectionIsGoneOnWith() throws Exception {
        assertReplays(0, path -> {});
    }

    @Test
    void aMissingOneIsBuilt() throws Exception {
        assertReplays(events, Directories::delete);
    }

    @Test
    void anEmptyDirectoryIsFilled() throws Exception {
        assertReplays(events, path -> {
            Directories.delete(path);
            Files.createDirectory(path);
        });
    }

    @Test
    void oneWithoutItsManifestIsRebuilt() throws Exception {
        assertReplays(events, path -> each(path, name -> name.startsWith("MANIFEST"), Files::delete));
    }

    @Test
    void oneThatPointsNowhereIsRebuilt() throws Exception {
        assertReplays(events, path -> Files.writeString(path.resolve("CURRENT"), "MANIFEST-999999\n"));
    }

    @Test
    void oneWithEmptyFilesIsRebuilt() throws Exception {
        assertReplays(events, path -> each(path, name -> name.endsWith(".sst"), file -> Files.write(file, new byte[0])));
    }

    @Test
    void oneWithFlippedBitsAnywhereInItsRowsIsRebuilt() throws Exception {
        List<Path> tables = new ArrayList<>();
        each(projection, name -> name.endsWith(".sst"), tables::add);
        assertThat(tables).hasSize(1);
        byte[] whole = Files.readAllBytes(tables.getFirst());
        Path copy = temp.resolve("whole");
        Directories.copy(projection, copy);
        for (int at = 0; at < whole.length; at += Math.max(1, whole.length / 40)) {
            int flipped = at;
            Directories.delete(projection);
            Directories.copy(copy, projection);
            byte[] bytes = whole.clone();
            bytes[flipped] ^= 0x10;
            Files.write(tables.getFirst(), bytes);
            try (Journal journal = openJournal()) {
                var replayed = Replay.run(journal, projection, temp.resolve("snapshots"));
                assertThat(replayed.state()).as("bit flipped in byte %d of %d", flipped, whole.length).isEqualTo(withEpochOf(replayed.state()));
                replayed.projection().close();
            }
        }
    }

    @Test
    void oneOfAnotherFormatIsRebuilt() throws Exception {
        assertReplays(events, path -> change(path, meta -> meta.setFormat(99)));
    }

    @Test
    void oneThatIsAheadOfTheJournalIsRebuilt() throws Exception {
        assertReplays(events, path -> change(path, meta -> meta.setAppliedSequence(events + 5)));
    }

    @Test
    void oneOfAnotherHistoryIsRebuilt() throws Exception {
        assertReplays(events, path -> change(path, meta -> meta.setHead(com.google.protobuf.ByteString.copyFrom(new byte[32]))));
    }

    @Test
    void oneWithNoHeadAtAllIsRebuilt() throws Exception {
        assertReplays(events, path -> change(path, meta -> meta.clearHead()));
    }

    @Test
    void oneWithARowThatMakesNoSenseIsRebuilt() throws Exception {
        assertReplays(events, path -> put(path, "s1".getBytes(), new byte[] {1, 2, 3}));
        assertReplays(events, path -> put(path, "s1".getBytes(),
                io.cairn.proto.state.SandboxRow.newBuilder().setId("1").setPhase("HAPPY").build().toByteArray()));
    }

    @Test
    void aFileInItsPlaceIsReplaced() throws Exception {
        assertReplays(events, path -> {
            Directories.delete(path);
            Files.writeString(path, "not a directory");
        });
    }

    /** @param expected how many of the old events are read again */
    private void assertReplays(long expected, Damage damage) throws Exception {
        damage.to(projection);
        try (Journal journal = openJournal()) {
            long begun = journal.head().sequence() - events;
            var replayed = Replay.run(journal, projection, temp.resolve("snapshots"));
            assertThat(replayed.eventsApplied()).isEqualTo(expected + begun);
            assertThat(replayed.state()).isEqualTo(withEpochOf(replayed.state()));
            assertThat(rows(replayed.projection()).stream().filter(row -> !row.startsWith("6d ")))
                    .isEqualTo(rows.stream().filter(row -> !row.startsWith("6d ")).toList());
            replayed.projection().close();
        }
    }

    /** Each test opens an epoch of its own, which the state remembers. */
    private State withEpochOf(State replayed) {
        return state.withEpoch(replayed.epoch(), replayed.bootId());
    }

    private Journal openJournal() throws Exception {
        return Journal.open(temp.resolve("journal"), Life.JOURNAL, start -> io.cairn.proto.journal.Event.newBuilder().setSequence(start.sequence())
                .setEpoch(start.epoch()).setVersion(1).setEpochOpened(io.cairn.proto.journal.EpochOpened.newBuilder().setEpoch(start.epoch())
                        .setBootId(Life.BOOT)).build().toByteArray());
    }

    private static void change(Path path, java.util.function.UnaryOperator<io.cairn.proto.state.MetaRow.Builder> change) throws Exception {
        io.cairn.proto.state.MetaRow meta;
        try (var opened = Projection.open(path)) {
            meta = opened.meta().get();
        }
        put(path, "m".getBytes(), change.apply(meta.toBuilder()).build().toByteArray());
    }

    private static void put(Path path, byte[] key, byte[] value) throws Exception {
        try (var options = new org.rocksdb.Options(); var db = org.rocksdb.RocksDB.open(options, path.toString())) {
            db.put(key, value);
        }
    }

    private interface OnFile {
        void accept(Path file) throws IOException;
    }

    private static void each(Path directory, Predicate<String> name, OnFile action) throws IOException {
        List<Path> files;
        try (var list = Files.list(directory)) {
            files = list.filter(file -> name.test(file.getFileName().toString())).toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            action.accept(file);
        }
    }

    private static List<String> rows(Projection projection) throws Exception {
        var rows = new ArrayList<String>();
        projection.forEachRow((key, value) -> rows.add(HexFormat.of().formatHex(key) + " = " + HexFormat.of().formatHex(value)));
        return rows;
    }
}
