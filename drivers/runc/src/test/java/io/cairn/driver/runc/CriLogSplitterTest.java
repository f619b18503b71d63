package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CriLogSplitterTest {
    private static final String TIME = "2026-11-22T15:42:29.523924428+00:00";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void bothOutputsComeOutAsTheyWere() {
        var splitter = new CriLogSplitter(1000);
        byte[] log = bytes(TIME + " stdout F one\n" + TIME + " stderr F  two F \n" + TIME + " stdout P thr\n" + TIME + " stdout F ee\n"
                + TIME + " stdout F \n"
                + TIME + " stderr P no line feed\n");
        splitter.accept(log, 0, log.length);
        assertThat(splitter.stdout().bytes().toStringUtf8()).isEqualTo("one\nthree\n\n");
        assertThat(splitter.stderr().bytes().toStringUtf8()).isEqualTo(" two F \nno line feed");
    }

    @Test
    void howeverItIsCutTheOutputsAreTheSame() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            var outputs = new ByteArrayOutputStream[] {new ByteArrayOutputStream(), new ByteArrayOutputStream()};
            var log = new ByteArrayOutputStream();
            for (int piece = random.nextInt(8); piece > 0; piece--) {
                write(random, outputs, log);
            }
            int bound = random.nextInt(400);
            var splitter = new CriLogSplitter(bound);
            byte[] all = log.toByteArray();
            for (int at = 0; at < all.length; ) {
                int to = Math.min(all.length, at + 1 + random.nextInt(40));
                splitter.accept(all, at, to);
                at = to;
            }
            assertThat(splitter.stdout().bytes().toByteArray()).as("seed %d", seed).isEqualTo(head(outputs[0], bound));
            assertThat(splitter.stderr().bytes().toByteArray()).as("seed %d", seed).isEqualTo(head(outputs[1], bound));
        }
    }

    /** As conmon writes one read of a pipe: whole lines, and a part when it does not end with one. */
    private static void write(Random random, ByteArrayOutputStream[] outputs, ByteArrayOutputStream log) {
        int which = random.nextInt(2);
        String head = TIME + (which == 0 ? " stdout " : " stderr ");
        byte[] content = new byte[1 + random.nextInt(60)];
        for (int i = 0; i < content.length; i++) {
            content[i] = random.nextInt(5) == 0 ? (byte) '\n' : random.nextInt(5) == 0 ? (byte) ' ' : (byte) random.nextInt(256);
        }
        outputs[which].writeBytes(content);
        int from = 0;
        for (int i = 0; i <= content.length; i++) {
            if (i == content.length && from == i) {
                break;
            }
            if (i == content.length || content[i] == '\n') {
                log.writeBytes(bytes(head + (i == content.length ? "P " : "F ")));
                log.write(content, from, i - from);
                log.write('\n');
                from = i + 1;
            }
        }
    }

    private static byte[] head(ByteArrayOutputStream output, int bound) {
        return java.util.Arrays.copyOf(output.toByteArray(), Math.min(bound, output.size()));
    }

    @Test
    void nonsenseIsBounded() {
        var splitter = new CriLogSplitter(100);
        byte[] noise = new byte[1 << 20];
        new Random(1).nextBytes(noise);
        splitter.accept(noise, 0, noise.length);
        assertThat(splitter.stdout().bytes().size() + splitter.stderr().bytes().size()).isLessThanOrEqualTo(200);
    }
}
