package io.cairn.driver.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies of answers, sent by a server that says what it is told to and then closes. */
@Timeout(60)
class BodyTest {
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

    @TempDir
    private Path dir;
    private Deadlines deadlines;
    private ServerSocketChannel server;
    private Wire wire;

    @BeforeEach
    void start() throws Exception {
        Path socket = dir.resolve("engine.sock");
        deadlines = new Deadlines();
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        wire = Wire.connect(socket, deadlines, TimeLimit.NONE);
    }

    @AfterEach
    void stop() throws Exception {
        wire.close();
        server.close();
        deadlines.close();
    }

    /** @param answer headers and body */
    private InputStream body(String answer) throws Exception {
        try (var connection = server.accept()) {
            ByteBuffer left = ByteBuffer.wrap(("HTTP/1.1 200 OK\r\n" + answer).getBytes(StandardCharsets.US_ASCII));
            while (left.hasRemaining()) {
                connection.write(left);
            }
        }
        return Answer.read(wire).getBody();
    }

    private static void assertCutOff(InputStream body, int readable) throws IOException {
        assertThat(body.readNBytes(readable)).hasSize(readable);
        for (int asked = 0; asked < 2; asked++) {
            assertThatThrownBy(body::read).isInstanceOfSatisfying(NoAnswer.class, e -> assertThat(e.why()).isEqualTo(NoAnswer.Why.BROKEN))
                    .hasMessageContaining("before its answer was whole");
        }
    }

    @Test
    void aSizedBodyEndsWhereItWasToldAndNoLater() throws Exception {
        InputStream body = body("Content-Length: 5\r\n\r\nhello, and more");
        assertThat(body.read(new byte[0])).isZero();
        assertThat(body.read()).isEqualTo('h');
        assertThat(body.readAllBytes()).asString().isEqualTo("ello");
        assertThat(body.read()).isEqualTo(-1);
        assertThat(body.read(new byte[0])).isZero();
    }

    @Test
    void anEmptyBodyIsOne() throws Exception {
        assertThat(body("Content-Length: 0\r\n\r\n").read()).isEqualTo(-1);
    }

    @Test
    void aBodyWithoutLengthEndsWithTheConnection() throws Exception {
        assertThat(body("\r\nuntil here").readAllBytes()).asString().isEqualTo("until here");
    }

    @Test
    void chunksAreJoinedAndTheirExtensionsAndTrailersLeftOut() throws Exception {
        InputStream body = body(CHUNKED + "5\r\nhello\r\nA ;name=value\r\n, and more\r\n0\r\nTrailer: x\r\n\r\nnot of it");
        assertThat(body.read(new byte[0])).isZero();
        assertThat(body.read()).isEqualTo('h');
        byte[] bytes = new byte[100];
        assertThat(body.read(bytes, 1, 99)).as("a read ends with a chunk").isEqualTo(4);
        assertThat(new String(bytes, 1, 4, StandardCharsets.US_ASCII)).isEqualTo("ello");
        assertThat(body.readAllBytes()).asString().isEqualTo(", and more");
        assertThat(body.read()).isEqualTo(-1);
    }

    @Test
    void chunksThatAreNoneAreAnEnd() throws Exception {
        InputStream body = body(CHUNKED + "0\r\n\r\n");
        assertThat(body.read()).isEqualTo(-1);
        assertThat(body.read()).isEqualTo(-1);
    }

    @Test
    void aSizedBodyThatIsCutOffIsNoEnd() throws Exception {
        assertCutOff(body("Content-Length: 5\r\n\r\nhell"), 4);
    }

    @Test
    void aChunkThatIsCutOffIsNoEnd() throws Exception {
        assertCutOff(body(CHUNKED + "5\r\nhell"), 4);
    }

    @Test
    void chunksWithoutALastOneAreNoEnd() throws Exception {
        assertCutOff(body(CHUNKED + "5\r\nhello\r\n"), 5);
    }

    @Test
    void trailersThatAreCutOffAreNoEnd() throws Exception {
        assertCutOff(body(CHUNKED + "5\r\nhello\r\n0\r\nTrailer: x\r\n"), 5);
    }

    @Test
    void aChunkWithoutALengthIsRefused() throws Exception {
        InputStream body = body(CHUNKED + "5\r\nhello\r\nfive\r\nhello\r\n0\r\n\r\n");
        assertThat(body.readNBytes(5)).hasSize(5);
        assertThatThrownBy(body::read).isInstanceOf(NoAnswer.class).hasMessageContaining("has no length");
    }
}
