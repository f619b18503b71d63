package io.cairn.images.registry;

import static io.cairn.images.registry.FakeRegistry.answer;
import static io.cairn.images.registry.FakeRegistry.redirect;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.Tar;
import io.cairn.images.TestImage;
import io.cairn.images.registry.RegistryFailure.Kind;
import io.vavr.Tuple;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    private static final TestImage IMAGE = TestImage.of(Tar.of(Tar.file("f", "x")));

    @TempDir
    static Path certificates;
    @TempDir
    Path dir;
    private FakeRegistry registry;

    /** An authority, a server for 127.0.0.1, one for another name, and a client with its key in three forms. */
    @BeforeAll
    static void makeCertificates() throws Exception {
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
                "-out", "ca.pem", "-days", "2", "-subj", "/CN=test ca");
        issue("server", "IP:127.0.0.1", "ec");
        issue("stranger", "DNS:elsewhere.example", "ec");
        issue("client", "DNS:client", "ec");
        issue("rsaclient", "DNS:client", "rsa:2048");
        run("openssl", "ec", "-in", "client.key", "-out", "sec1.key");
        run("openssl", "rsa", "-in", "rsaclient.key", "-traditional", "-out", "pkcs1.key");
        Files.writeString(certificates.resolve("both.pem"),
                Files.readString(certificates.resolve("client.pem")) + Files.readString(certificates.resolve("client.key")));
    }

    private static void issue(String name, String san, String key) throws Exception {
        Files.writeString(certificates.resolve(name + ".ext"), "subjectAltName=" + san + "\n");
        var request = new ArrayList<>(Arrays.asList("openssl", "req", "-newkey", key, "-nodes", "-keyout", name + ".key",
                "-out", name + ".csr", "-subj", "/CN=" + name));
        if (key.equals("ec")) {
            request.addAll(Arrays.asList("-pkeyopt", "ec_paramgen_curve:P-256"));
        }
        run(request.toArray(String[]::new));
        run("openssl", "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-out", name + ".pem", "-extfile", name + ".ext");
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).directory(certificates.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0).as(output).isTrue();
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void anAuthorityOfHostsTomlIsTrusted() throws Exception {
        start("server", false);
        hosts("ca = \"" + certificates.resolve("ca.pem") + "\"");
        right(pull());
    }

    @Test
    void anUnknownAuthorityIsRefused() throws Exception {
        start("server", false);
        hosts("");
        RegistryFailure failure = pull().getLeft();
        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure.message()).contains("TLS failed").contains("https://" + registry.address());
    }

    @Test
    void theNameInTheCertificateMustBeThatOfTheHost() throws Exception {
        start("stranger", false);
        hosts("ca = \"" + certificates.resolve("ca.pem") + "\"");
        assertThat(pull().getLeft().message()).contains("TLS failed");
        hosts("skip_verify = true");
        right(pull());
    }

    @ParameterizedTest
    @ValueSource(strings = {"client.pem client.key", "client.pem sec1.key", "rsaclient.pem rsaclient.key", "rsaclient.pem pkcs1.key",
            "both.pem both.pem"})
    void aClientCertificateIsShown(String pair) throws Exception {
        start("server", true);
        String[] names = pair.split(" ");
        hosts("ca = \"%s\"\nclient = [[\"%s\", \"%s\"]]".formatted(certificates.resolve("ca.pem"), certificates.resolve(names[0]),
                certificates.resolve(names[1])));
        right(pull());
    }

    @Test
    void withoutItsClientCertificateAHostIsUnavailable() throws Exception {
        start("server", true);
        hosts("ca = \"" + certificates.resolve("ca.pem") + "\"");
        assertThat(pull().getLeft().kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aFileThatIsNoCertificateIsNamed() throws Exception {
        start("server", false);
        for (String line : new String[] {"ca = \"missing.pem\"", "ca = \"" + certificates.resolve("ca.key") + "\"",
            "client = \"" + certificates.resolve("client.pem") + "\"",
            "client = [[\"%s\", \"%s\"]]".formatted(certificates.resolve("client.pem"), certificates.resolve("rsaclient.key"))}) {
            hosts(line);
            RegistryFailure failure = pull().getLeft();
            assertThat(failure.kind()).as(failure.message()).isEqualTo(Kind.CONFIGURATION);
            assertThat(failure.message()).containsAnyOf("missing.pem", "ca.key", "client.pem", "rsaclient.key");
        }
    }

    @Test
    void dockersFilesOfCertificatesWork() throws Exception {
        start("server", true);
        Path entry = Files.createDirectories(dir.resolve(registry.address()));
        Files.copy(certificates.resolve("ca.pem"), entry.resolve("ca.crt"));
        Files.copy(certificates.resolve("client.pem"), entry.resolve("c.cert"));
        Files.copy(certificates.resolve("client.key"), entry.resolve("c.key"));
        Tls tls = Hosts.of(registry.address(), List.of(dir)).head().tls();
        assertThat(tls).isEqualTo(new Tls(Vector.of(entry.resolve("ca.crt")),
                Vector.of(Tuple.of(entry.resolve("c.cert"), entry.resolve("c.key"))), false));
        TlsContexts.of(tls);
    }

    @Test
    void aTagIsNotResolvedOverPlainHttpAfterTls() throws Exception {
        start("server", false);
        hosts("ca = \"" + certificates.resolve("ca.pem") + "\"");
        try (FakeRegistry plain = FakeRegistry.start().with("app", "1", IMAGE)) {
            registry.on("/v2/app/manifests/1", exchange -> redirect(exchange, "http://" + plain.address() + "/v2/app/manifests/1"));
            assertThat(pull().getLeft().message()).contains("redirected from https to plain http");
            assertThat(plain.seen()).isEmpty();
        }
    }

    @Test
    void aLoginForTlsIsNotSentToATokenServerWithout() throws Exception {
        start("server", false);
        hosts("ca = \"" + certificates.resolve("ca.pem") + "\"");
        try (FakeRegistry plain = FakeRegistry.start()) {
            registry.guard(exchange -> {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer realm=\"http://%s/token\"".formatted(plain.address()));
                answer(exchange, 401, "");
            });
            assertThat(pull(Credentials.basic("user", "geheim")).getLeft().message()).contains("a realm without TLS");
            assertThat(plain.seen()).isEmpty();
        }
    }

    private void start(String name, boolean wantsClientCertificate) throws IOException {
        SSLContext context = TlsContexts.of(new Tls(Vector.of(certificates.resolve("ca.pem")),
                Vector.of(Tuple.of(certificates.resolve(name + ".pem"), certificates.resolve(name + ".key"))), false));
        registry = FakeRegistry.startTls(context, wantsClientCertificate).with("app", "1", IMAGE);
    }

    private void hosts(String lines) throws IOException {
        Path entry = Files.createDirectories(dir.resolve(registry.address()));
        Files.writeString(entry.resolve("hosts.toml"), "server = \"https://%s\"\n%s\n".formatted(registry.address(), lines));
    }

    private Either<RegistryFailure, RemoteImage> pull() {
        return pull(Credentials.anonymous());
    }

    private Either<RegistryFailure, RemoteImage> pull(Credentials credentials) {
        var options = RegistryOptions.defaults().withRetries(1, 1).withHostsDirectories(List.of(dir));
        return new RegistryClient(options).session(ImageReference.parse(registry.address() + "/app:1").get(), credentials)
                .flatMap(session -> {
            try (session) {
                return session.resolve(new Platform("linux", "amd64", ""), digest -> Option.none());
            }
        });
    }

    private static <T> T right(Either<RegistryFailure, T> either) {
        return either.getOrElseThrow(failure -> new AssertionError(failure.message()));
    }
}
