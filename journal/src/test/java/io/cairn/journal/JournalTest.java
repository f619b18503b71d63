package io.cairn.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final JournalOptions SMALL = JournalOptions.defaults().withReserveBytes(64 << 10).withFloorBytes(0);

    @TempDir Path temp;

    private final List<EpochStart> starts = new ArrayList<>();

    @Test
    void anEmptyDirectoryBeginsTheFirstEpochWithTheCallersRecord() throws Exception {
        try (Journal journal = open(SMALL)) {
            assertThat(starts).containsExactly(new EpochStart(1, 1, Position.START, new TailVerdict.Clean(true)));
            assertThat(journal.recovered()).isEqualTo(new Recovered(Position.START, new TailVerdict.Clean(true), 1, 0));
            assertThat(journal.head().sequence()).isEqualTo(1);
            assertThat(texts(journal)).containsExactly("epoch 1");
        }
    }

    @Test
    void recordsAreReadBackInOrderWithTheirSequences() throws Exception {
        try (Journal journal = open(SMALL)) {
            assertThat(journal.append("a".getBytes(UTF_8))).isEqualTo(2);
            assertThat(journal.append(new byte[0])).isEqualTo(3);
            assertThat(journal.append("c".getBytes(UTF_8))).isEqualTo(4);
            journal.sync();
            assertThat(texts(journal)).containsExactly("epoch 1", "a", "", "c");
            var from3 = new ArrayList<Long>();
            journal.read(3, record -> from3.add(record.sequence()));
            assertThat(from3).containsExactly(3L, 4L);
        }
    }

    @Test
    void theChainGoesOnOverEpochs() throws Exception {
        Position end;
        try (Journal journal = open(SMALL)) {
            journal.append("a".getBytes(UTF_8));
            end = journal.head();
        }
        try (Journal journal = open(SMALL)) {
            assertThat(starts.getLast()).isEqualTo(new EpochStart(2, 3, end, new TailVerdict.Clean(true)));
            assertThat(journal.recovered()).isEqualTo(new Recovered(end, new TailVerdict.Clean(true), 1, 1));
            assertThat(texts(journal)).containsExactly("epoch 1", "a", "epoch 2");
        }
        assertThat(Verifier.verify(temp.resolve("j")).good()).isTrue();
    }

    @Test
    void anEpochThatIsFullIsRolledAndTheCallersRecordComesFirst() throws Exception {
        try (Journal journal = open(SMALL.withEpochBytes(8 << 10))) {
            for (int i = 0; i < 40; i++) {
                journal.append(new byte[1000]);
            }
            journal.sync();
            assertThat(starts.size()).isGreaterThan(4);
            assertThat(journal.head().sequence()).isEqualTo(40 + starts.size());
        }
        VerifyReport report = Verifier.verify(temp.resolve("j"));
        assertThat(report.good()).isTrue();
        assertThat(report.epochs()).isEqualTo(starts.size());
    }

    @Test
    void aPayloadOfTheLargestSizeIsTakenAndOneByteMoreIsNot() throws Exception {
        byte[] largest = new byte[JournalOptions.MAX_PAYLOAD_BYTES];
        largest[largest.length - 1] = 7;
        try (Journal journal = open(SMALL)) {
            journal.append("before".getBytes(UTF_8));
            journal.append(largest);
            journal.append("after".getBytes(UTF_8));
            journal.sync();
            assertThatThrownBy(() -> journal.append(new byte[largest.length + 1])).isInstanceOf(IllegalArgumentException.class);
            var payloads = new ArrayList<byte[]>();
            journal.read(1, record -> payloads.add(record.payload()));
            assertThat(payloads).hasSize(5);
            assertThat(payloads.get(3)).isEqualTo(largest);
        }
        try (Journal journal = open(SMALL)) {
            assertThat(journal.recovered().head().sequence()).isEqualTo(5);
        }
    }

    @Test
    void theSpaceAKilledEpochHadReservedIsGivenBack() throws Exception {
        Path killed = temp.resolve("j");
        try (Journal journal = Scratch.open(temp.resolve("live"))) {
            journal.append(new byte[1000]);
            Scratch.copyAsKilled(temp.resolve("live"), killed);
        }
        EpochFiles epoch = Scratch.newestEpoch(killed);
        Scratch.setLength(epoch.data(), 1 << 20);
        try (Journal _ = open(SMALL)) {
            assertThat(Files.size(epoch.data())).isLessThan(4096);
        }
        assertThat(Verifier.verify(killed).good()).isTrue();
    }

    @Test
    void anotherThreadThanTheOneThatOpenedAppends() throws Exception {
        try (Journal journal = open(SMALL)) {
            var failure = new ArrayList<Throwable>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 3000; i++) {
                        journal.append(new byte[500]);
                    }
                    journal.sync();
                } catch (Exception | Error e) {
                    failure.add(e);
                }
            });
            thread.join();
            assertThat(failure).isEmpty();
            assertThat(journal.head().sequence()).isEqualTo(3001);
        }
    }

    @Test
    void theStateIsReadableByTheOwnerOnly() throws Exception {
        try (Journal _ = open(SMALL)) {
            try (var files = Files.walk(temp.resolve("j"))) {
                assertThat(files).allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------"));
            }
        }
    }

    @Test
    void aClosedJournalTakesNothing() throws Exception {
        Journal journal = open(SMALL);
        journal.close();
        journal.close();
        assertThatThrownBy(() -> journal.append(new byte[1])).isInstanceOf(JournalFailure.class).hasMessageContaining("closed");
    }

    private Journal open(JournalOptions options) throws JournalException {
        return Journal.open(temp.resolve("j"), options, start -> {
            starts.add(start);
            return ("epoch " + start.epoch()).getBytes(UTF_8);
        });
    }

    private static List<String> texts(Journal journal) throws JournalException {
        var texts = new ArrayList<String>();
        journal.read(1, record -> texts.add(new String(record.payload(), UTF_8)));
        return texts;
    }
}
