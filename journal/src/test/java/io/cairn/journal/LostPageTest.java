package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power loss between two syncs: each page written since the last sync is on the disk as it was before or as it is now. */
class LostPageTest {
    private static final int ROUNDS = 12;
    private static final int ALL_COMBINATIONS_UP_TO_PAGES = 7;
    private static final int SAMPLES = 120;
    private static final int REOPENED_PER_ROUND = 3;

    @TempDir(factory = InMemory.class) Path temp;

    @Test
    void anyMixOfOldAndNewPagesKeepsEverySyncedRecord() throws Exception {
        var random = Scratch.random("LostPageTest");
        int cases = 0;
        int cuts = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int unitBytes = round % 3 == 2 ? 512 : 4096;
            Path directory = Files.createDirectory(temp.resolve("round" + round));
            Crash crash = crash(directory, random, unitBytes);
            for (boolean[] kept : mixes(crash.units.size(), random)) {
                cuts += check(crash, kept) ? 1 : 0;
                cases++;
            }
            for (int i = 0; i < REOPENED_PER_ROUND; i++) {
                reopen(crash, mixes(crash.units.size(), random).getLast(), i);
            }
            Scratch.deleteTree(directory);
        }
        Scratch.report("LostPageTest", "%d mixes of pages, %d with a cut tail, %d reopened", cases, cuts, ROUNDS * REOPENED_PER_ROUND);
        assertThat(cuts).isPositive();
    }

    /** A place of a file that differs between the last sync and the moment of the crash. */
    private record Unit(Path file, int offset, byte[] before, byte[] after) {}

    private record Crash(Path journal, int synced, List<JournalRecord> appended, List<Unit> units) {}

    /** Appends and syncs, then appends and crashes; or crashes right after the second sync, with only the mark not written out. */
    private static Crash crash(Path directory, Random random, int unitBytes) throws Exception {
        Path live = directory.resolve("live");
        Path before = directory.resolve("before");
        Path journal = directory.resolve("journal");
        boolean secondSync = random.nextInt(4) == 0;
        int synced;
        try (Journal first = Scratch.open(live)) {
            first.append(Scratch.payload(random, 500));
        }
        try (Journal killed = Scratch.open(live)) {
            append(killed, random, 1 + random.nextInt(5));
            killed.sync();
            synced = (int) killed.head().sequence();
            Scratch.copyAsKilled(live, before);
            append(killed, random, 1 + random.nextInt(8));
            if (secondSync) {
                killed.sync();
                synced = (int) killed.head().sequence();
            }
            Scratch.copyAsKilled(live, journal);
        }
        var units = new ArrayList<Unit>();
        EpochFiles newest = Scratch.newestEpoch(journal);
        EpochFiles newestBefore = Scratch.newestEpoch(before);
        addUnits(units, newest.mark(), newestBefore.mark(), unitBytes);
        if (!secondSync) {
            addUnits(units, newest.data(), newestBefore.data(), unitBytes);
        }
        return new Crash(journal, synced, Scratch.readable(journal), units);
    }

    private static void append(Journal journal, Random random, int records) throws JournalException {
        for (int i = 0; i < records; i++) {
            journal.append(Scratch.payload(random, random.nextInt(3) == 0 ? 20_000 : 300));
        }
    }

    private static void addUnits(List<Unit> units, Path file, Path fileBefore, int unitBytes) throws Exception {
        byte[] after = Files.readAllBytes(file);
        byte[] before = Arrays.copyOf(Files.readAllBytes(fileBefore), after.length);
        for (int at = 0; at < after.length; at += unitBytes) {
            int end = Math.min(after.length, at + unitBytes);
            byte[] unitBefore = Arrays.copyOfRange(before, at, end);
            byte[] unitAfter = Arrays.copyOfRange(after, at, end);
            if (!Arrays.equals(unitBefore, unitAfter)) {
                units.add(new Unit(file, at, unitBefore, unitAfter));
            }
        }
    }

    private static List<boolean[]> mixes(int units, Random random) {
        var mixes = new ArrayList<boolean[]>();
        boolean all = units <= ALL_COMBINATIONS_UP_TO_PAGES;
        for (int mix = 0; mix < (all ? 1 << units : SAMPLES); mix++) {
            var kept = new boolean[units];
            for (int unit = 0; unit < units; unit++) {
                kept[unit] = all ? (mix >> unit & 1) == 1 : random.nextBoolean();
            }
            mixes.add(kept);
        }
        return mixes;
    }

    private static void apply(Crash crash, boolean[] kept) throws Exception {
        for (int i = 0; i < kept.length; i++) {
            Unit unit = crash.units.get(i);
            Scratch.overwrite(unit.file, unit.offset, kept[i] ? unit.after : unit.before);
        }
    }

    /** Returns whether a tail was cut. */
    private static boolean check(Crash crash, boolean[] kept) throws Exception {
        apply(crash, kept);
        Recovered found = Recovery.of(crash.journal).found();
        List<JournalRecord> read = Scratch.readable(crash.journal);
        assertThat(read.size()).as("mix %s", Arrays.toString(kept)).isGreaterThanOrEqualTo(crash.synced);
        assertThat(Scratch.isPrefix(read, crash.appended)).isTrue();
        assertThat(found.head()).isEqualTo(read.getLast().position());
        assertThat(Verifier.verify(crash.journal).good()).isTrue();
        return found.tail() instanceof TailVerdict.Cut;
    }

    private void reopen(Crash crash, boolean[] kept, int number) throws Exception {
        apply(crash, kept);
        Path again = crash.journal.resolveSibling("again" + number);
        Scratch.copyAsKilled(crash.journal, again);
        List<JournalRecord> before = Scratch.readable(again);
        try (Journal opened = Scratch.open(again)) {
            opened.append(new byte[] {1});
            opened.sync();
            assertThat(opened.head().sequence()).isEqualTo(before.size() + 2);
        }
        assertThat(Scratch.isPrefix(before, Scratch.readable(again))).isTrue();
        assertThat(Verifier.verify(again).records()).isEqualTo(before.size() + 2);
    }
}
