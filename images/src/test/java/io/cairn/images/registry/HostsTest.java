package io.cairn.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.images.registry.Endpoint.Capability;
import io.vavr.Tuple;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({
        "docker.io, https://registry-1.docker.io/v2", "quay.io, https://quay.io/v2", "localhost:5000, http://localhost:5000/v2",
        "127.0.0.1:5000, http://127.0.0.1:5000/v2", "[::1]:5000, http://[::1]:5000/v2", "localhost:443, https://localhost:443/v2",
        "127.0.0.1.example, https://127.0.0.1.example/v2",
    })
    void withoutConfigurationTheRegistryItselfIsAsked(String registry, String base) throws IOException {
        assertThat(of(registry)).singleElement().satisfies(e -> {
            assertThat(e.base()).hasToString(base);
            assertThat(e.at("/x")).hasToString(base + "/x");
        });
    }

    @Test
    void mirrorsComeInTheOrderOfTheFileAndTheServerLast() throws IOException {
        write("quay.io", """
                server = "https://quay.io"
                capabilities = ["pull"]
                unknown_key = 1

                [host."https://z.example"]
                  capabilities = ["pull", "push"]
                  ca = "z.pem"
                  client = [["c.cert", "c.key"], ["both.pem", ""]]
                  dial_timeout = "1.5s"
                  [host."https://z.example".header]
                    X-One = "1"
                    X-Two = ["2", "3"]
                [host."http://a.example:8080/prefix"]
                  skip_verify = true
                  client = "pem"
                [host."https://m.example/v2/upstream"]
                  override_path = true
                  ca = ["/abs.pem", "rel.pem"]
                [host."plain.example/v2/"]
                """);
        Vector<Endpoint> hosts = of("quay.io");
        assertThat(hosts.map(e -> e.base().toString())).containsExactly("https://z.example/v2", "http://a.example:8080/prefix/v2",
                "https://m.example/v2/upstream", "https://plain.example/v2", "https://quay.io/v2");
        Endpoint z = hosts.head();
        assertThat(z.capabilities()).containsExactly(Capability.PULL);
        Path entry = dir.resolve("quay.io");
        var pairs = Vector.of(Tuple.of(entry.resolve("c.cert"), entry.resolve("c.key")),
                Tuple.of(entry.resolve("both.pem"), entry.resolve("both.pem")));
        assertThat(z.tls()).isEqualTo(new Tls(Vector.of(entry.resolve("z.pem")), pairs, false));
        assertThat(z.headers().get("X-Two").get()).containsExactly("2", "3");
        assertThat(z.connectTimeoutMillis()).contains(1500);
        assertThat(z.at("/x")).hasToString("https://z.example/v2/x?ns=quay.io");
        assertThat(hosts.get(1).tls().skipVerify()).isTrue();
        assertThat(hosts.get(1).capabilities()).containsExactlyInAnyOrder(Capability.values());
        assertThat(hosts.get(2).tls().authorities()).containsExactly(Path.of("/abs.pem"), entry.resolve("rel.pem"));
        assertThat(hosts.last().capabilities()).containsExactly(Capability.PULL);
        assertThat(hosts.last().at("/x")).hasToString("https://quay.io/v2/x");
    }

    @Test
    void withoutAServerTheRegistryIsTheLastHost() throws IOException {
        write("docker.io", "[host.\"http://127.0.0.1:5000\"]\n");
        assertThat(of("docker.io").map(e -> e.base().toString()))
                .containsExactly("http://127.0.0.1:5000/v2", "https://registry-1.docker.io/v2");
    }

    @Test
    void theMoreSpecificDirectoryCounts() throws IOException {
        write("_default", "server = \"https://default.example\"\n");
        assertThat(of("r.io:5000").head().base()).hasToString("https://default.example/v2");
        write("r.io:5000", "server = \"https://colon.example\"\n");
        assertThat(of("r.io:5000").head().base()).hasToString("https://colon.example/v2");
        write("r.io_5000_", "server = \"https://underscore.example\"\n");
        assertThat(of("r.io:5000").head().base()).hasToString("https://underscore.example/v2");
        assertThat(of("r.io").head().base()).hasToString("https://default.example/v2");
        Path earlier = Files.createDirectories(dir.resolve("earlier"));
        assertThat(Hosts.of("r.io:5000", List.of(earlier, dir)).head().base()).hasToString("https://underscore.example/v2");
    }

    @Test
    void dockersCertificateFilesAreFoundToo() throws IOException {
        Path entry = Files.createDirectory(dir.resolve("r.io"));
        for (String name : new String[] {"ca.crt", "client.cert", "client.key", "alone.cert", "other.txt"}) {
            Files.createFile(entry.resolve(name));
        }
        var pairs = Vector.of(Tuple.of(entry.resolve("alone.cert"), entry.resolve("alone.cert")),
                Tuple.of(entry.resolve("client.cert"), entry.resolve("client.key")));
        assertThat(of("r.io").head().tls()).isEqualTo(new Tls(Vector.of(entry.resolve("ca.crt")), pairs, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"server = ", "server = 1", "server = \"ftp://x\"", "server = \"https://u:p@x\"",
        "server = \"https://x?y\"", "server = \"https:// x\"", "capabilities = [\"fly\"]", "capabilities = [1]",
        "skip_verify = \"yes\"", "ca = 1",
        "client = [[\"a\", \"b\", \"c\"]]", "client = true", "dial_timeout = \"soon\"", "dial_timeout = 5",
        "[header]\nHost = \"x\"", "[header]\nA = \"x\\ny\"", "[header]\n\"a b\" = \"x\"",
        "[host.\"\"]\nca = \"x\"", "host = 1\nserver = 2", "a = 1\na = 2"})
    void whatCannotBeUnderstoodIsAnErrorThatNamesTheFile(String content) throws IOException {
        Path file = write("r.io", content);
        assertThatThrownBy(() -> of("r.io")).isInstanceOf(IOException.class).hasMessageContaining(file.toString())
                .hasMessageStartingWith("Expected").message().doesNotContain("\n");
    }

    @Test
    void theValueOfAHeaderIsInNoMessage() throws IOException {
        write("r.io", "[header]\nAuthorization = \"geheim\\u0007\"");
        assertThatThrownBy(() -> of("r.io")).hasMessageContaining("Authorization").message().doesNotContain("geheim");
    }

    private Vector<Endpoint> of(String registry) throws IOException {
        return Hosts.of(registry, List.of(dir));
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(Files.createDirectories(dir.resolve(name)).resolve("hosts.toml"), content);
    }
}
