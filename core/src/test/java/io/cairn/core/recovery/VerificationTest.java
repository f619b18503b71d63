package io.cairn.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.projection.Projection;
import io.cairn.core.sim.Directories;
import io.cairn.core.sim.Ids;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Kubelet;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Programs;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.World;
import io.cairn.journal.Journal;
import io.cairn.proto.journal.ContainerStarted;
import io.cairn.proto.journal.EpochOpened;
import io.cairn.proto.journal.Event;
import io.cairn.proto.state.ContainerRow;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody who knows the formats does to a stopped state directory is named. */
class VerificationTest {
    /** All of the entities' rows are edited, and one in so many of the index. */
    private static final int EVERY_INDEX_ROW = 12;

    @TempDir(factory = InMemory.class) Path temp;

    private final World world = new World(new TestClock());
    private Life life;
    private long events;

    @BeforeEach
    void history() throws Exception {
        life = Life.start(temp, world);
        var kubelet = new Kubelet(world);
        kubelet.talkTo(life);
        kubelet.pull("app");
        kubelet.run("p");
        for (int i = 0; i < 5; i++) {
            kubelet.create("p", "c" + i, Programs.SLEEP);
            kubelet.start("c" + i);
        }
        kubelet.exits("c3", 7);
        kubelet.remove("c4");
        events = life.log().journal().head().sequence();
    }

    @Test
    void aDirectoryThatWasClosedIsGoodAndEveryRowWasCompared() throws Exception {
        life.close();
        var findings = verify();
        assertThat(findings.problems()).isEmpty();
        assertThat(findings.journal().records()).isEqualTo(events);
        assertThat(findings.rowsAt()).containsExactly(events);
        assertThat(findings.rows()).isEqualTo(rows().size()).isGreaterThan(events);
        assertThat(findings.base()).isEmpty();
    }

    /** Nothing of the rows has been written out then: there is nothing to compare, and nothing is wrong. */
    @Test
    void aDirectoryInUseIsReadUpToItsHead() throws Exception {
        var findings = verify();
        assertThat(findings.problems()).isEmpty();
        assertThat(findings.journal().records()).isEqualTo(events);
        life.close();
    }

    @Test
    void rowsThatAreBehindAreComparedAtTheEventTheyAreOf() throws Exception {
        life.close();
        Path old = temp.resolve("old");
        Directories.copy(temp.resolve("projection"), old);
        Life.start(temp, world).close();
        Directories.delete(temp.resolve("projection"));
        Directories.copy(old, temp.resolve("projection"));
        var findings = verify();
        assertThat(findings.problems()).isEmpty();
        assertThat(findings.rowsAt()).containsExactly(events);
        assertThat(findings.journal().records()).isGreaterThan(events);
    }

    @Test
    void withoutRowsOnDiskTheEventsAreReplayedAllTheSame() throws Exception {
        life.close();
        Directories.delete(temp.resolve("projection"));
        assertThat(verify().problems()).isEmpty();
        assertThat(verify().rowsAt()).isEmpty();
    }

    @Test
    void everyRowThatIsEditedTakenOutOrPutInIsNamed() throws Exception {
        life.close();
        Path copy = temp.resolve("copy");
        Directories.copy(temp.resolve("projection"), copy);
        Map<String, byte[]> rows = rows();
        int index = 0;
        int cases = 0;
        for (var row : rows.entrySet()) {
            if (row.getKey().startsWith("x") && ++index % EVERY_INDEX_ROW != 0) {
                continue;
            }
            String name = row.getKey().startsWith("x") ? "history of" : row.getKey().equals("m") ? "up to where" : row.getKey().substring(1);
            byte[] edited = row.getValue().length == 0 ? new byte[] {1} : flipped(row.getValue());
            edit(copy, db -> db.put(bytes(row.getKey()), edited));
            if (!row.getKey().equals("m")) {
                assertThat(verify().problems()).as(row.getKey()).singleElement().asString().contains(name);
                edit(copy, db -> db.delete(bytes(row.getKey())));
                assertThat(verify().problems()).as(row.getKey()).singleElement().asString().contains(name).contains("is missing");
                cases++;
            }
            cases++;
        }
        edit(copy, db -> db.put(bytes("c" + Ids.of("forged")), ContainerRow.getDefaultInstance().toByteArray()));
        assertThat(verify().problems()).singleElement().asString().contains(Ids.of("forged")).contains("follows from no event");
        assertThat(cases).isGreaterThan(20);
    }

    @Test
    void rowsThatClaimAnotherEventOrHeadAreNamed() throws Exception {
        life.close();
        Path copy = temp.resolve("copy");
        Directories.copy(temp.resolve("projection"), copy);
        var meta = io.cairn.proto.state.MetaRow.parseFrom(rows().get("m"));
        edit(copy, db -> db.put(bytes("m"), meta.toBuilder().setAppliedSequence(events + 3).build().toByteArray()));
        assertThat(verify().problems()).singleElement().asString().contains("says that it is of event " + (events + 3));
        edit(copy, db -> db.put(bytes("m"), meta.toBuilder().setAppliedSequence(events - 3).build().toByteArray()));
        assertThat(verify().good()).isFalse();
        edit(copy, db -> db.put(bytes("m"), meta.toBuilder().setHead(com.google.protobuf.ByteString.copyFrom(new byte[32])).build().toByteArray()));
        assertThat(verify().problems()).singleElement().asString().contains("up to where the rows are");
    }

    @Test
    void aFlippedByteInARecordIsNamedWithItsRecord() throws Exception {
        life.close();
        Path data = temp.resolve("journal").resolve("epoch-0000000000000001").resolve("19700101F.cq4");
        int at = new String(Files.readAllBytes(data), StandardCharsets.ISO_8859_1).indexOf("docker.io/library/app");
        try (var file = new RandomAccessFile(data.toFile(), "rw")) {
            file.seek(at);
            file.write('D');
        }
        assertThat(verify().problems()).singleElement().asString().contains("Record 2 of the journal").contains("is damaged");
    }

    /** A chain of good frames whose events cannot be: the writer of the journal was another one, or wrong. */
    @Test
    void anEventThatDoesNotFollowIsNamedAndSoIsOneThatIsNone() throws Exception {
        life.close();
        append(Event.newBuilder().setContainerStarted(ContainerStarted.newBuilder().setContainerId("nowhere")));
        assertThat(verify().problems()).singleElement().asString().contains("Record " + (events + 2) + " does not follow");
        append(Event.newBuilder().setSequence(3));
        assertThat(verify().problems()).singleElement().asString().contains("holds event 3");
    }

    private void append(Event.Builder draft) throws Exception {
        try (Journal journal = Journal.open(temp.resolve("journal"), Life.JOURNAL, start -> Event.newBuilder().setSequence(start.sequence())
                .setEpoch(start.epoch()).setVersion(1).setEpochOpened(EpochOpened.newBuilder().setEpoch(start.epoch())).build().toByteArray())) {
            long sequence = draft.getSequence() == 0 ? journal.head().sequence() + 1 : draft.getSequence();
            journal.append(draft.setSequence(sequence).setVersion(1).build().toByteArray());
        }
    }

    private interface Edit {
        void to(org.rocksdb.RocksDB db) throws Exception;
    }

    /** Edits a fresh copy of the rows, with RocksDB itself: every checksum holds afterwards. */
    private void edit(Path copy, Edit edit) throws Exception {
        Path projection = temp.resolve("projection");
        Directories.delete(projection);
        Directories.copy(copy, projection);
        try (var options = new org.rocksdb.Options(); var db = org.rocksdb.RocksDB.open(options, projection.toString())) {
            edit.to(db);
        }
    }

    private Map<String, byte[]> rows() throws Exception {
        var rows = new LinkedHashMap<String, byte[]>();
        try (Projection opened = Projection.open(temp.resolve("projection"))) {
            opened.forEachRow((key, value) -> rows.put(new String(key, StandardCharsets.ISO_8859_1), value));
        }
        return rows;
    }

    private static byte[] flipped(byte[] value) {
        byte[] flipped = value.clone();
        flipped[value.length / 2] ^= 1;
        return flipped;
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.ISO_8859_1);
    }

    private Verification.Findings verify() throws Exception {
        return Verification.of(temp.resolve("journal"), temp.resolve("projection"), temp.resolve("snapshots"), (phase, sequence) -> {});
    }
}
