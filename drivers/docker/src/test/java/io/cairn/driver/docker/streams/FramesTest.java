package io.cairn.driver.docker.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.driver.docker.streams.Frames.Piece;
import io.cairn.driver.docker.streams.Frames.Stream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FramesTest {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private FramesTest frame(int stream, byte[] bytes) {
        sent.writeBytes(ByteBuffer.allocate(8).put(0, (byte) stream).putInt(4, bytes.length).array());
        sent.writeBytes(bytes);
        return this;
    }

    private FramesTest frame(int stream, String text) {
        return frame(stream, text.getBytes(StandardCharsets.UTF_8));
    }

    private InputStream bytes() {
        return new ByteArrayInputStream(sent.toByteArray());
    }

    private static String next(Frames frames, Stream stream) throws IOException {
        Piece piece = frames.next();
        assertThat(piece.stream()).isEqualTo(stream);
        return new String(piece.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void outputsAreTakenApartAndFramesOfNothingAreNoEnd() throws Exception {
        var frames = new Frames(frame(1, "out").frame(2, "").frame(2, "err").frame(0, "in").bytes(), false);
        assertThat(next(frames, Stream.STDOUT)).isEqualTo("out");
        assertThat(next(frames, Stream.STDERR)).isEqualTo("err");
        assertThat(next(frames, Stream.STDIN)).isEqualTo("in");
        assertThat(frames.next().isEnd()).isTrue();
    }

    @Test
    void aLargeFrameComesInPieces() throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(7).nextBytes(large);
        var frames = new Frames(frame(2, large).frame(1, "x").bytes(), false);
        var got = new ByteArrayOutputStream();
        while (got.size() < large.length) {
            Piece piece = frames.next();
            assertThat(piece.stream()).isEqualTo(Stream.STDERR);
            assertThat(piece.bytes().length).isBetween(1, 32 * 1024);
            got.writeBytes(piece.bytes());
        }
        assertThat(got.toByteArray()).isEqualTo(large);
        assertThat(next(frames, Stream.STDOUT)).isEqualTo("x");
    }

    @Test
    void aTerminalsBytesComeAsTheyAre() throws Exception {
        var frames = new Frames(frame(2, "prompt$ ").bytes(), true);
        assertThat(next(frames, Stream.STDOUT)).isEqualTo(sent.toString(StandardCharsets.UTF_8));
        assertThat(frames.next().isEnd()).isTrue();
    }

    @Test
    void whatIsCutOffOrIsNoFrameIsNoEnd() {
        byte[] whole = frame(1, "output").sent.toByteArray();
        for (int count = 1; count < whole.length; count++) {
            var frames = new Frames(new ByteArrayInputStream(whole, 0, count), false);
            assertThatThrownBy(() -> {
                while (!frames.next().isEnd()) {
                    continue;
                }
            }).isInstanceOf(IOException.class);
        }
        for (byte stream : new byte[] {4, 127, -1}) {
            whole[0] = stream;
            var frames = new Frames(new ByteArrayInputStream(whole), false);
            assertThatThrownBy(frames::next).isInstanceOf(IOException.class).hasMessageContaining(Byte.toString(stream));
        }
    }
}
