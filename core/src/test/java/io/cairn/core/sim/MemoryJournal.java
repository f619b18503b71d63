package io.cairn.core.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.cairn.core.engine.EventLog;
import io.cairn.core.evolve.Evolver;
import io.cairn.proto.journal.EpochOpened;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A journal as far as a runtime can tell: it outlives every life, chains its records, rolls its epochs, and of what was not synced a
 * crash keeps as much as it likes. A thousand of them cost nothing; the real one is crashed in {@code CrashPointsTest} and its own tests.
 */
final class MemoryJournal {
    private static final int EPOCH_RECORDS = 60;
    /** So that a history that goes wrong needs something in it. */
    private static final int KEPT_RECORDS = 5;

    private final List<byte[]> records = new ArrayList<>();
    private final List<byte[]> heads = new ArrayList<>();
    private final TestClock clock;
    private final Damage damage;
    private int synced;
    private int epoch;
    private int epochBegan;

    /** What can be wrong with it. */
    enum Damage {
        NONE,
        /** A crash may take what was synced, but for the first records. */
        SYNC_LIES
    }

    MemoryJournal(TestClock clock, Damage damage) {
        this.clock = clock;
        this.damage = damage;
    }

    /** Of what was appended and not synced, this many records are still there. */
    void crash(Rng rng) {
        int safe = damage == Damage.SYNC_LIES ? Math.max(Math.min(synced, KEPT_RECORDS), synced - 3) : synced;
        int kept = safe + rng.below(records.size() - safe + 1);
        records.subList(kept, records.size()).clear();
        heads.subList(kept, heads.size()).clear();
        synced = kept;
    }

    /** Begins an epoch, as every start does. */
    Log open(String bootId) {
        var log = new Log(bootId);
        log.begin();
        synced = records.size();
        return log;
    }

    Vector<Event> events() {
        return Vector.ofAll(records).map(MemoryJournal::parsed);
    }

    /** Of the last record; names the whole history. */
    String head() {
        return HexFormat.of().formatHex(hash());
    }

    private byte[] hash() {
        return heads.isEmpty() ? new byte[32] : heads.getLast();
    }

    private void append(Event event) {
        byte[] record = event.toByteArray();
        byte[] before = hash();
        records.add(record);
        heads.add(chained(before, record));
    }

    private static byte[] chained(byte[] before, byte[] record) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(before);
            return sha.digest(record);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Event parsed(byte[] record) {
        try {
            return Event.parseFrom(record);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One life's hold on it. */
    final class Log implements EventLog {
        private final String bootId;

        private Log(String bootId) {
            this.bootId = bootId;
        }

        private Event begin() {
            epoch++;
            epochBegan = records.size();
            var opened = Event.newBuilder().setSequence(nextSequence()).setEpoch(epoch).setVersion(Evolver.VERSION)
                    .setWallTimeNanos(clock.wallNanos()).setMonotonicNanos(clock.monotonicNanos()).setEpochOpened(EpochOpened.newBuilder()
                            .setEpoch(epoch).setPreviousLastSequence(records.size()).setPreviousHead(ByteString.copyFrom(hash()))
                            .setBootId(bootId).setPreviousTail("closed").setCairnVersion("test")).build();
            MemoryJournal.this.append(opened);
            return opened;
        }

        @Override
        public Option<Event> prepare(Vector<Event> drafts) {
            return Option.when(records.size() - epochBegan >= EPOCH_RECORDS, this::begin);
        }

        @Override
        public long nextSequence() {
            return records.size() + 1;
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public void append(Vector<Event> events, boolean essential) {
            events.forEach(MemoryJournal.this::append);
        }

        @Override
        public void sync() {
            synced = records.size();
        }

        @Override
        public byte[] head() {
            return hash();
        }

        @Override
        public void close() {
            sync();
        }
    }
}
