package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.testkit.LoopDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk filled to its last block: nothing is half written, nobody dies of SIGBUS, and all goes on once there is room. */
class FullDiskTest {
    private static final long DISK_BYTES = 128L << 20;
    private static final int RESERVE_BYTES = 4 << 20;
    private static final byte[] PAYLOAD = new byte[5000];

    @TempDir Path temp;

    @ParameterizedTest
    @EnumSource(LoopDisk.Type.class)
    void appendsAreRefusedWholeAndGoOnByThemselves(LoopDisk.Type type) throws Exception {
        try (LoopDisk disk = LoopDisk.make(temp, type, DISK_BYTES);
                Journal journal = Scratch.open(disk.root().resolve("journal"), Scratch.OPTIONS.withFloorBytes(1 << 20))) {
            for (int round = 0; round < 3; round++) {
                journal.append(PAYLOAD);
                journal.sync();
                disk.fill();
                Position before = journal.head();
                byte[] data = Files.readAllBytes(Scratch.newestEpoch(disk.root().resolve("journal")).data());

                JournalFull full = catchThrowableOfType(JournalFull.class, () -> journal.append(PAYLOAD));

                assertThat(full).isNotNull();
                assertThat(full.path()).isEqualTo(disk.root().resolve("journal"));
                // XFS keeps some free blocks to itself.
                assertThat(full.bytesNeeded()).isBetween(1L << 19, 2L << 20);
                assertThat(journal.head()).isEqualTo(before);
                assertThat(Files.readAllBytes(Scratch.newestEpoch(disk.root().resolve("journal")).data())).isEqualTo(data);
                assertThat(Scratch.readable(disk.root().resolve("journal"))).hasSize((int) before.sequence());
                assertThatThrownBy(() -> journal.append(PAYLOAD)).isInstanceOf(JournalFull.class);
                disk.free();
            }
            assertThat(journal.append(PAYLOAD)).isEqualTo(5);
            journal.sync();
            assertThat(Verifier.verify(disk.root().resolve("journal")).records()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource(LoopDisk.Type.class)
    void essentialRecordsUseUpTheReserveAndNotAByteMore(LoopDisk.Type type) throws Exception {
        try (LoopDisk disk = LoopDisk.make(temp, type, DISK_BYTES)) {
            Path directory = disk.root().resolve("journal");
            JournalOptions options = Scratch.OPTIONS.withReserveBytes(RESERVE_BYTES).withFloorBytes(1 << 20);
            try (Journal journal = Scratch.open(directory, options)) {
                disk.fill();
                int taken = 0;
                JournalFull full = null;
                while (full == null) {
                    assertThatThrownBy(() -> journal.append(PAYLOAD)).isInstanceOf(JournalFull.class);
                    try {
                        journal.appendEssential(PAYLOAD);
                        journal.sync();
                        taken++;
                    } catch (JournalFull e) {
                        full = e;
                    }
                }
                assertThat(taken).isBetween(RESERVE_BYTES / 5100 - 1, RESERVE_BYTES / 5000 + 1);
                assertThat(journal.head().sequence()).isEqualTo(taken + 1);
                Scratch.report("FullDiskTest", "%s: %d records of %d bytes out of the reserve of a full disk", type, taken, PAYLOAD.length);
                disk.free();
                journal.append(PAYLOAD);
                journal.sync();
            }
            assertThat(Verifier.verify(directory).good()).isTrue();
        }
    }

    /** Fills again after every few appends, over blocks and epochs: what Chronicle touches without a reservation would be fatal. */
    @ParameterizedTest
    @EnumSource(LoopDisk.Type.class)
    void nothingIsEverWrittenWhereNoBlockWasReserved(LoopDisk.Type type) throws Exception {
        try (LoopDisk disk = LoopDisk.make(temp, type, DISK_BYTES)) {
            Path directory = disk.root().resolve("journal");
            JournalOptions options = Scratch.OPTIONS.withReserveBytes(1 << 20).withEpochBytes(3 << 20);
            int refusals = 0;
            try (Journal journal = Scratch.open(directory, options)) {
                while (Scratch.newestEpoch(directory).number() < 3) {
                    disk.fill();
                    refusals += appendUntilRefused(journal);
                    disk.free();
                    for (int i = 0; i < 40; i++) {
                        journal.append(PAYLOAD);
                    }
                    journal.sync();
                }
            }
            assertThat(refusals).isPositive();
            assertThat(Verifier.verify(directory).good()).isTrue();
            Scratch.report("FullDiskTest", "%s: disk filled %d times over two epochs", type, refusals);
        }
    }

    private static int appendUntilRefused(Journal journal) throws JournalException {
        try {
            while (true) {
                journal.append(PAYLOAD);
                journal.sync();
            }
        } catch (JournalFull e) {
            return 1;
        }
    }

    @Test
    void openingOnAFullDiskLeavesNothingBehindAndSucceedsLater() throws Exception {
        try (LoopDisk disk = LoopDisk.make(temp, LoopDisk.Type.EXT4, DISK_BYTES)) {
            Path directory = disk.root().resolve("journal");
            Position head;
            try (Journal journal = Scratch.open(directory)) {
                head = journal.head();
            }
            disk.fill();
            for (JournalOptions options : List.of(Scratch.OPTIONS, Scratch.OPTIONS.withFloorBytes(1 << 20))) {
                assertThatThrownBy(() -> Scratch.open(directory, options)).isInstanceOf(JournalFull.class);
            }
            assertThat(EpochFiles.list(directory)).hasSize(1);
            disk.free();
            try (Journal journal = Scratch.open(directory)) {
                assertThat(journal.recovered().head()).isEqualTo(head);
            }
        }
    }
}
