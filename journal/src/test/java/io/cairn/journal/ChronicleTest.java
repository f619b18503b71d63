package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That an epoch is an ordinary Chronicle queue, and that Chronicle brings nothing along that nobody asked for. */
class ChronicleTest {
    @TempDir Path temp;

    @Test
    void chroniclesOwnReaderFindsTheSameFrames() throws Exception {
        Path directory = temp.resolve("journal");
        var random = new Random(6);
        try (Journal journal = Scratch.open(directory)) {
            for (int i = 0; i < 3000; i++) {
                journal.append(Scratch.payload(random, 2000));
            }
        }
        EpochFiles epoch = Scratch.newestEpoch(directory);
        List<byte[]> ours = Attack.frames(epoch);
        assertThat(ours).hasSize(3001);
        List<byte[]> theirs = new ArrayList<>();
        try (SingleChronicleQueue queue = SingleChronicleQueueBuilder.binary(epoch.directory()).readOnly(true).build();
                ExcerptTailer tailer = queue.createTailer()) {
            Bytes<?> excerpt = Bytes.allocateElasticOnHeap();
            while (tailer.readBytes(excerpt)) {
                theirs.add(excerpt.toByteArray());
                excerpt.clear();
            }
        }
        assertThat(theirs).containsExactlyElementsOf(ours);
    }

    @Test
    void noThreadIsStarted() throws Exception {
        try (Journal journal = Scratch.open(temp.resolve("warm"))) {
            journal.append(new byte[10]);
        }
        Set<String> before = threads();
        try (Journal journal = Scratch.open(temp.resolve("journal"))) {
            journal.append(new byte[10]);
            journal.sync();
            assertThat(before).containsAll(threads());
        }
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).collect(Collectors.toSet());
    }
}
