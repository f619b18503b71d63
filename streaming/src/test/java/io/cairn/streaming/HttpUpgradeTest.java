package io.cairn.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.testkit.stream.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** URLs, their tokens, and what is answered to a request that is not as it should be. */
@Timeout(120)
class HttpUpgradeTest {
    private static final String[] SPDY = {"Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io"};
    private static final Endpoint EXEC = new Endpoint.Exec(new Stdio(false, true, true, false), Local.shell("true"));

    private StreamingServer server;

    @BeforeEach
    void open() throws Exception {
        server = new StreamingServer(StreamingOptions.defaults(SpdyExecTest.LOOPBACK));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static int status(String url, String... headers) throws Exception {
        try (var upgraded = Transport.upgrade("POST", url, headers)) {
            return upgraded.status();
        }
    }

    @Test
    void aUrlIsGoodOnce() throws Exception {
        String url = server.url(EXEC).get();
        assertThat(url).matches("http://127\\.0\\.0\\.1:[0-9]+/exec/[A-Za-z0-9_-]{32}");
        assertThat(status(url, SPDY)).isEqualTo(101);
        assertThat(status(url, SPDY)).isEqualTo(404);
    }

    @Test
    void tokensEndAndAreLimited() {
        var now = new AtomicLong();
        var tokens = new Tokens(Duration.ofMinutes(1), 2, now::get);
        String first = tokens.issue(EXEC).get();
        assertThat(tokens.spend("nonsense")).isEmpty();
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        String second = tokens.issue(EXEC).get();
        assertThat(second).isNotEqualTo(first);
        assertThat(tokens.issue(EXEC)).isEmpty();
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(tokens.spend(first)).isEmpty();
        assertThat(tokens.spend(second)).contains(EXEC);
        assertThat(tokens.spend(second)).isEmpty();
    }

    @Test
    void aTokenOpensOnlyWhatItIsFor() throws Exception {
        assertThat(status(server.url(EXEC).get().replace("/exec/", "/attach/"), SPDY)).isEqualTo(404);
    }

    @Test
    void saysWhatIsWrongWithARequest() throws Exception {
        assertThat(status(server.url(EXEC).get())).isEqualTo(400);
        assertThat(status(server.url(EXEC).get(), "Connection: Upgrade", "Upgrade: h2c")).isEqualTo(400);
        assertThat(status(server.url(EXEC).get(), "Connection: Upgrade", "Upgrade: SPDY/3.1")).isEqualTo(400);
        assertThat(status(server.url(EXEC).get(), "Connection: Upgrade", "Upgrade: websocket")).isEqualTo(400);
        try (var refused = Transport.upgrade("POST", server.url(EXEC).get(), "Connection: Upgrade", "Upgrade: SPDY/3.1",
                "X-Stream-Protocol-Version: v9.channel.k8s.io")) {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.head()).contains("v4.channel.k8s.io");
        }
        try (var refused = Transport.upgrade("DELETE", server.url(EXEC).get(), SPDY)) {
            assertThat(refused.status()).isEqualTo(405);
        }
        assertThat(status(server.url(EXEC).get().replaceFirst("/exec/.*", "/")) ).isEqualTo(404);
        assertThat(status(server.url(EXEC).get().replaceFirst("/exec/.*", "/" + "x".repeat(5000)))).isEqualTo(400);
        assertThat(status(server.url(EXEC).get(), "X-Flood: " + "x".repeat(20_000))).isEqualTo(400);
        assertThat(status(server.url(EXEC).get(), "Content-Length: 5000000")).isEqualTo(413);
    }

    @Test
    void theClientsOrderOfProtocolsDecides() throws Exception {
        try (var upgraded = Transport.upgrade("GET", server.url(EXEC).get(), "Connection: keep-alive, Upgrade", "Upgrade: spdy/3.1",
                "X-Stream-Protocol-Version: v9.channel.k8s.io, v3.channel.k8s.io", "X-Stream-Protocol-Version: v4.channel.k8s.io")) {
            assertThat(upgraded.status()).isEqualTo(101);
            assertThat(upgraded.header("X-Stream-Protocol-Version")).isEqualTo("v3.channel.k8s.io");
            assertThat(upgraded.header("Upgrade")).isEqualTo("SPDY/3.1");
        }
    }

    @Test
    void listensOnIpv6Too() throws Exception {
        try (var other = new StreamingServer(StreamingOptions.defaults(new InetSocketAddress(InetAddress.getByName("::1"), 0)))) {
            assertThat(other.url(EXEC).get()).startsWith("http://[0:0:0:0:0:0:0:1]:");
        }
    }

    @Test
    void givesOutNoMoreUrlsThanItsLimit() throws Exception {
        try (var small = new StreamingServer(StreamingOptions.defaults(SpdyExecTest.LOOPBACK).withLimits(3, 10))) {
            assertThat(small.url(EXEC)).isNotEmpty();
            assertThat(small.url(EXEC)).isNotEmpty();
            assertThat(small.url(EXEC)).isNotEmpty();
            assertThat(small.url(EXEC)).isEmpty();
        }
    }
}
