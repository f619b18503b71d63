package io.cairn.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.HashMap;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentProxiesTest {
    @Test
    void eachSchemeHasItsProxy() {
        var proxies = new EnvironmentProxies(HashMap.of("HTTPS_PROXY", "http://secure.example:3128", "http_proxy", "plain.example"));
        assertThat(proxies.select(URI.create("https://r.io/"))).containsExactly(http("secure.example", 3128));
        assertThat(proxies.select(URI.create("http://r.io/"))).containsExactly(http("plain.example", 80));
        assertThat(new EnvironmentProxies(HashMap.empty()).select(URI.create("https://r.io/"))).containsExactly(Proxy.NO_PROXY);
    }

    @ParameterizedTest
    @CsvSource({"https://example.com/, true", "https://deep.example.com/, true", "https://notexample.com/, false", "https://dotted.org/, false",
        "https://x.dotted.org/, true", "https://ported.net:5000/, true", "https://ported.net/, false", "https://10.0.0.1/, true",
        "http://localhost:5000/, true", "http://127.0.0.2/, true", "http://[::1]:5000/, true", "https://other.io/, false"})
    void exceptionsAndTheLoopbackAreAskedDirectly(String uri, boolean direct) {
        var proxies = new EnvironmentProxies(HashMap.of("HTTPS_PROXY", "p:1", "HTTP_PROXY", "p:1",
                "NO_PROXY", "Example.com, .dotted.org,ported.net:5000,,10.0.0.1"));
        assertThat(proxies.select(URI.create(uri))).containsExactly(direct ? Proxy.NO_PROXY : http("p", 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://user:geheim@p:1", "socks5://p:1", "::", "http://"})
    void aProxyThatCannotBeUsedIsLeftOut(String proxy) {
        var proxies = new EnvironmentProxies(HashMap.of("HTTPS_PROXY", proxy));
        assertThat(proxies.select(URI.create("https://r.io/"))).containsExactly(Proxy.NO_PROXY);
    }

    @Test
    void aStarIsEveryHost() {
        var proxies = new EnvironmentProxies(HashMap.of("HTTPS_PROXY", "p:1", "NO_PROXY", "*"));
        assertThat(proxies.select(URI.create("https://r.io/"))).containsExactly(Proxy.NO_PROXY);
    }

    private static Proxy http(String host, int port) {
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host, port));
    }
}
