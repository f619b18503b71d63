package io.cairn.driver.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TransportTest {
    private static final String VERSION = "{\"ApiVersion\": \"1.41\", \"MinAPIVersion\": \"1.12\"}";

    private static final int REQUESTS = 500;

    @TempDir
    private Path dir;

    /** Answers as soon as it has read anything, and closes. @return what it had read by then */
    private static String serve(ServerSocketChannel server, String body) {
        try (var connection = server.accept()) {
            ByteBuffer said = ByteBuffer.allocate(64 << 10);
            connection.read(said);
            String answer = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body);
            connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
            return new String(said.array(), 0, said.position(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anEngineThatAnswersWithoutReadingOnHasTheWholeRequest() throws Exception {
        Path socket = dir.resolve("engine.sock");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
                var transport = new Transport(socket, Duration.ofSeconds(30), new ObjectMapper())) {
            var version = CompletableFuture.supplyAsync(() -> serve(server, VERSION));
            assertThat(transport.api()).isEqualTo(new ApiVersion(1, 41));
            assertThat(version.get()).startsWith("GET /version ");
            Request request = Request.builder().method(Request.Method.POST).path("/containers/c/resize?h=1")
                    .bodyBytes("{\"w\":2}".getBytes(StandardCharsets.US_ASCII)).build();
            // The server may be sooner or later than the rest of a request that comes in two.
            for (int i = 0; i < REQUESTS; i++) {
                var asked = CompletableFuture.supplyAsync(() -> serve(server, ""));
                try (Answer answer = transport.accepted(request, transport.limit())) {
                    assertThat(answer.getStatusCode()).isEqualTo(200);
                }
                assertThat(asked.get()).startsWith("POST /v1.41/containers/c/resize?h=1 HTTP/1.1\r\n").endsWith("\r\n\r\n{\"w\":2}");
            }
        }
    }
}
