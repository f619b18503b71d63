package io.cairn.images.registry;

import static io.cairn.images.registry.FakeRegistry.answer;
import static io.cairn.images.registry.FakeRegistry.redirect;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.Tar;
import io.cairn.images.TestImage;
import io.cairn.images.registry.RegistryFailure.Kind;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticationTest {
    private static final TestImage IMAGE = TestImage.of(Tar.of(Tar.file("f", "x")));
    private static final String BASIC = "Basic " + Base64.getEncoder().encodeToString("user:geheim".getBytes());

    @TempDir
    Path dir;
    private FakeRegistry registry;
    private FakeRegistry other;
    private RegistryOptions options = RegistryOptions.defaults().withRetries(1, 1);

    @BeforeEach
    void start() throws IOException {
        registry = FakeRegistry.start().with("app", "1", IMAGE);
        other = FakeRegistry.start();
    }

    @AfterEach
    void stop() {
        registry.close();
        other.close();
    }

    @Test
    void aLoginIsSentOnlyWhenAskedFor() {
        right(pull(Credentials.basic("user", "geheim")));
        assertThat(registry.seen()).allSatisfy(request -> assertThat(request.authorization()).isEmpty());
    }

    @Test
    void basicAuthenticationIsAnswered() {
        demand("Basic realm=\"r\"", BASIC);
        right(pull(Credentials.basic("user", "geheim")));
        RegistryFailure wrong = pull(Credentials.basic("user", "falsch")).getLeft();
        assertThat(wrong.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(wrong.message()).contains("status 401").doesNotContain("falsch").doesNotContain("user");
        assertThat(pull(Credentials.anonymous()).getLeft().kind()).isEqualTo(Kind.UNAUTHORIZED);
    }

    @Test
    void aTokenIsFetchedWhereTheChallengePointsTo() {
        var tokens = new AtomicInteger();
        demand("Bearer realm=\"http://%s/token\",service=\"s v\",scope=\"repository:app:pull\"".formatted(other.address()), "Bearer t");
        other.on("/token", exchange -> {
            tokens.incrementAndGet();
            boolean known = BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, known ? 200 : 401, "{\"token\":\"t\"}");
        });
        right(pull(Credentials.basic("user", "geheim")));
        assertThat(tokens).as("once for all requests of a session").hasValue(1);
        assertThat(URLDecoder.decode(other.seen().getFirst().query(), StandardCharsets.UTF_8))
                .isEqualTo("scope=repository:app:pull&service=s v");
        assertThat(registry.seen()).noneMatch(request -> request.authorization().startsWith("Basic"));
        RegistryFailure anonymous = pull(Credentials.anonymous()).getLeft();
        assertThat(anonymous.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(anonymous.message()).contains("http://" + other.address() + "/token").contains("401 from the token server");
    }

    @Test
    void anonymousTokensAndBothNamesOfTheFieldAreTaken() {
        demand("Bearer realm=\"http://%s/token?x=y\"".formatted(other.address()), "Bearer t");
        other.on("/token", exchange -> answer(exchange, 200, "{\"access_token\":\"t\"}"));
        right(pull(Credentials.anonymous()));
        assertThat(other.seen().getFirst().query()).isEqualTo("x=y&scope=repository:app:pull");
    }

    @Test
    void anIdentityTokenIsExchanged() {
        var body = new AtomicReference<String>();
        demand("Bearer realm=\"http://%s/token\",service=\"s\",scope=\"repository:app:pull\"".formatted(other.address()), "Bearer t");
        other.on("/token", exchange -> {
            body.set(URLDecoder.decode(new String(exchange.getRequestBody().readAllBytes()), StandardCharsets.UTF_8));
            answer(exchange, 200, "{\"access_token\":\"t\"}");
        });
        right(pull(Credentials.fromAuthConfig("", "", "", "", "geheim", "").get()));
        assertThat(body.get()).contains("grant_type=refresh_token").contains("refresh_token=geheim").contains("service=s")
                .contains("scope=repository:app:pull");
        assertThat(other.seen().getFirst().method()).isEqualTo("POST");
        assertThat(registry.seen()).noneMatch(request -> request.authorization().contains("geheim"));
    }

    @Test
    void aRegistryTokenIsSentAsItIs() {
        demand("Bearer realm=\"http://%s/token\"".formatted(other.address()), "Bearer mine");
        right(pull(Credentials.fromAuthConfig("", "", "", "", "", "mine").get()));
        assertThat(pull(Credentials.fromAuthConfig("", "", "", "", "", "stale").get()).getLeft().kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(other.seen()).isEmpty();
    }

    @Test
    void aTokenThatExpiresIsRenewed() {
        var issued = new AtomicInteger();
        other.on("/token", exchange -> answer(exchange, 200, "{\"token\":\"t%d\"}".formatted(issued.incrementAndGet())));
        var uses = new AtomicInteger();
        registry.guard(exchange -> {
            String sent = exchange.getRequestHeaders().getFirst("Authorization");
            if (!("Bearer t" + issued.get()).equals(sent) || uses.incrementAndGet() % 2 == 0) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer realm=\"http://%s/token\"".formatted(other.address()));
                answer(exchange, 401, "");
            }
        });
        right(pull(Credentials.basic("user", "geheim")));
        assertThat(issued.get()).isGreaterThan(1);
    }

    @Test
    void aTokenServerThatTalksNonsenseIsTold() {
        demand("Bearer realm=\"http://%s/token\"".formatted(other.address()), "Bearer t");
        for (String reply : new String[] {"", "geheim", "{}", "[]", "{\"token\":\"geheim\\nX-Evil: 1\"}", "{\"token\":5}",
                "{\"token\":\"" + "x".repeat(2 << 20) + "\"}"}) {
            other.on("/token", exchange -> answer(exchange, 200, reply));
            RegistryFailure failure = pull(Credentials.basic("user", "geheim")).getLeft();
            assertThat(failure.kind()).as(failure.message()).isIn(Kind.INVALID_CONTENT, Kind.UNAUTHORIZED);
            assertThat(failure.message()).doesNotContain("geheim");
        }
        other.on("/token", exchange -> answer(exchange, 503, ""));
        assertThat(pull(Credentials.anonymous()).getLeft().kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aRealmThatIsNoPlaceToSendALoginIsRefused() {
        for (String realm : new String[] {"file:///etc/passwd", "ftp://x/", "::", "http://u:p@x/", "/relative"}) {
            demand("Bearer realm=\"" + realm + "\"", "Bearer t");
            assertThat(pull(Credentials.basic("user", "geheim")).getLeft().kind()).as(realm).isEqualTo(Kind.UNAUTHORIZED);
        }
    }

    @Test
    void noLoginGoesAlongARedirectToAnotherHost() throws IOException {
        hosts("server = \"http://%s\"\n[header]\nX-Key = \"geheim\"\n".formatted(registry.address()));
        demand("Basic realm=\"r\"", BASIC);
        other.with("app", "1", IMAGE);
        String path = "/v2/app/blobs/" + IMAGE.configDigest;
        registry.on(path, exchange -> redirect(exchange, "http://" + other.address() + path));
        right(pull(Credentials.basic("user", "geheim")));
        assertThat(registry.seen()).allSatisfy(request -> assertThat(request.headers()).containsEntry("x-key", "geheim"));
        assertThat(other.seen()).isNotEmpty()
                .allSatisfy(request -> assertThat(request.headers().toString()).doesNotContain("geheim").doesNotContain(BASIC));
        other.guard(exchange -> {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"give me\"");
            answer(exchange, 401, "");
        });
        assertThat(pull(Credentials.basic("user", "geheim")).getLeft().kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(other.seen()).allSatisfy(request -> assertThat(request.authorization()).isEmpty());
    }

    @Test
    void aLoginBoundToARegistryIsNotShownToItsMirrors() throws IOException {
        hosts("[host.\"http://%s\"]\n".formatted(other.address()));
        demand("Basic realm=\"r\"", BASIC);
        other.guard(exchange -> {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"give me\"");
            answer(exchange, 401, "");
        });
        right(pull(Credentials.fromAuthConfig("user", "geheim", "", registry.address(), "", "").get()));
        assertThat(other.seen()).isNotEmpty().allSatisfy(request -> assertThat(request.authorization()).isEmpty());
    }

    private void hosts(String toml) throws IOException {
        Path entry = Files.createDirectories(dir.resolve(registry.address()));
        Files.writeString(entry.resolve("hosts.toml"), toml);
        options = options.withHostsDirectories(List.of(dir));
    }

    private void demand(String challenge, String accepted) {
        registry.guard(exchange -> {
            if (!accepted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
                answer(exchange, 401, "");
            }
        });
    }

    /** Manifest and configuration. */
    private Either<RegistryFailure, byte[]> pull(Credentials credentials) {
        ImageReference reference = ImageReference.parse(registry.address() + "/app:1").get();
        return new RegistryClient(options).session(reference, credentials).flatMap(session -> {
            try (session) {
                return session.resolve(new Platform("linux", "amd64", ""), digest -> Option.none())
                        .flatMap(image -> session.small(image.config(), RegistryLimits.MAX_CONFIG_BYTES));
            }
        });
    }

    private static <T> T right(Either<RegistryFailure, T> either) {
        return either.getOrElseThrow(failure -> new AssertionError(failure.message()));
    }
}
