package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameTest {
    private static final int FUZZ_FRAMES = 200_000;
    private static final int FUZZ_FILES = 2_000;

    @TempDir(factory = InMemory.class) Path temp;

    /** The layout is on people's disks: it never changes. */
    @Test
    void theLayoutIsWhatItWas() {
        Hash previous = Hash.sha256(new byte[] {1}, 0, 1);
        byte[] frame = Frame.encode(0x0102030405060708L, 0x1112131415161718L, 3, previous, "cairn".getBytes(StandardCharsets.US_ASCII));
        assertThat(HexFormat.of().formatHex(frame)).isEqualTo("43524e31" + "05454164" + "00000005" + "00000003" + "0102030405060708"
                + "1112131415161718" + "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a" + "636169726e");
    }

    @Test
    void theMarksLayoutIsWhatItWas() {
        var mark = new SyncMark(new Position(9, Hash.sha256(new byte[] {1}, 0, 1)), 0x1112131415161718L, 1);
        assertThat(HexFormat.of().formatHex(mark.encode())).isEqualTo("43524e53" + "aeed76c9" + "0000000000000009" + "1112131415161718"
                + "0000000000000001" + "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a");
    }

    @Test
    void aFrameComesBackAsItWasPutIn() {
        var random = Scratch.random("FrameTest");
        for (int i = 0; i < 1000; i++) {
            byte[] payload = Scratch.payload(random, 3000);
            long sequence = 1 + random.nextLong(Long.MAX_VALUE);
            int unsynced = (int) Math.min(sequence - 1, random.nextInt(Integer.MAX_VALUE));
            byte[] bytes = Frame.encode(sequence, random.nextLong(), unsynced, Hash.ZERO, payload);
            Frame frame = Frame.decode(bytes, 0, bytes.length).get();
            assertThat(frame.sequence()).isEqualTo(sequence);
            assertThat(frame.unsynced()).isEqualTo(unsynced);
            assertThat(frame.payload()).isEqualTo(payload);
            assertThat(frame.hash()).isEqualTo(Hash.sha256(bytes, 0, bytes.length));
        }
    }

    @Test
    void bytesThatAreNoFrameAreNeverTakenForOne() {
        var random = Scratch.random("FrameTest");
        byte[] good = Frame.encode(5, 6, 1, Hash.ZERO, new byte[100]);
        for (int i = 0; i < FUZZ_FRAMES; i++) {
            byte[] bytes = random.nextInt(4) == 0 ? Scratch.payload(random, 300) : mutated(good, random);
            boolean decoded = Frame.decode(bytes, 0, bytes.length).isRight();
            assertThat(decoded).isEqualTo(Arrays.equals(bytes, good));
        }
        Scratch.report("FrameTest", "%d frames fuzzed", FUZZ_FRAMES);
    }

    private static byte[] mutated(byte[] good, Random random) {
        byte[] bytes = Arrays.copyOf(good, random.nextInt(3) == 0 ? random.nextInt(2 * good.length) : good.length);
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    /** Whatever lies in the files: a verdict or a refusal, never another exception, never a record that was not written. */
    @Test
    void filesFullOfNonsenseAreJudgedAndNotBelieved() throws Exception {
        var random = Scratch.random("FrameTest");
        Path live = temp.resolve("live");
        Path journal = temp.resolve("journal");
        try (Journal killed = Scratch.open(live)) {
            for (int i = 0; i < 10; i++) {
                killed.append(Scratch.payload(random, 300));
            }
            killed.sync();
            Scratch.copyAsKilled(live, journal);
        }
        var original = Scratch.readable(journal);
        EpochFiles epoch = Scratch.newestEpoch(journal);
        byte[] data = Files.readAllBytes(epoch.data());
        byte[] mark = Files.readAllBytes(epoch.mark());
        int refused = 0;
        for (int i = 0; i < FUZZ_FILES; i++) {
            Files.write(epoch.data(), scrambled(data, random));
            Files.write(epoch.mark(), random.nextInt(3) == 0 ? scrambled(mark, random) : mark);
            refused += Verifier.verify(journal).good() ? 0 : 1;
            assertThat(Scratch.isPrefix(Scratch.readable(journal), original)).isTrue();
        }
        Scratch.report("FrameTest", "%d files scrambled, %d refused", FUZZ_FILES, refused);
        assertThat(refused).isPositive();
    }

    /** Overwrites a stretch, moves a stretch, or cuts the end off. */
    private static byte[] scrambled(byte[] good, Random random) {
        byte[] bytes = Arrays.copyOf(good, random.nextInt(3) == 0 ? random.nextInt(good.length) : good.length);
        for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
            int from = random.nextInt(bytes.length);
            int length = random.nextInt(1 + Math.min(200, bytes.length - from));
            if (random.nextBoolean()) {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, from, length);
            } else {
                System.arraycopy(bytes, from, bytes, random.nextInt(1 + bytes.length - length), length);
            }
        }
        return bytes;
    }
}
