package io.cairn.images.registry;

import static io.cairn.images.registry.FakeRegistry.answer;
import static io.cairn.images.registry.FakeRegistry.redirect;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.Tar;
import io.cairn.images.TestImage;
import io.cairn.images.registry.RegistryFailure.Kind;
import io.cairn.testkit.FreePort;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryClientTest {
    private static final Platform AMD64 = new Platform("linux", "amd64", "");
    private static final TestImage IMAGE = TestImage.of(Tar.of(Tar.file("f", "x")));
    private static final TestImage LARGE = TestImage.of(TestImage.Packing.NONE, Tar.of(Tar.entry("f", Tar.FILE).content(noise(300_000))));
    private static final Function<Digest, Option<byte[]>> NOTHING_KNOWN = digest -> Option.none();

    @TempDir
    Path dir;
    private FakeRegistry registry;
    private FakeRegistry mirror;
    private RegistryOptions options = RegistryOptions.defaults().withRetries(3, 1);

    @BeforeEach
    void start() throws IOException {
        registry = FakeRegistry.start();
        mirror = FakeRegistry.start();
    }

    @AfterEach
    void stop() {
        registry.close();
        mirror.close();
    }

    @Test
    void aTagIsResolvedToManifestConfigurationAndLayers() {
        registry.with("app", "1", IMAGE);
        RemoteImage image = right(resolve("app:1"));
        assertThat(image.digest()).isEqualTo(IMAGE.manifestDigest()).isEqualTo(image.manifestDigest());
        assertThat(image.config().digest()).isEqualTo(IMAGE.configDigest);
        assertThat(image.layers().map(Descriptor::digest)).containsExactlyElementsOf(IMAGE.layers);
        assertThat(image.platformIsKnown()).isFalse();
        assertThat(right(resolve("app@" + IMAGE.manifestDigest())).config()).isEqualTo(image.config());
    }

    @ParameterizedTest
    @ValueSource(strings = {TestImage.OCI_INDEX, TestImage.DOCKER_LIST})
    void ofAnIndexTheImageOfThisPlatformIsTaken(String type) {
        TestImage arm = TestImage.built(TestImage.OCI_MANIFEST, "arm", "{}", TestImage.Packing.GZIP, Tar.of(Tar.file("f", "arm")));
        byte[] index = TestImage.index(type, Map.of("linux/amd64", IMAGE, "linux/arm/v6", arm, "unknown/unknown", arm));
        registry.with("app", "x", IMAGE).with("app", "y", arm).with("app", "1", type, index);
        RemoteImage image = right(resolve("app:1"));
        assertThat(image.digest()).isEqualTo(Digest.of(index));
        assertThat(image.manifestDigest()).isEqualTo(IMAGE.manifestDigest());
        assertThat(image.platformIsKnown()).isTrue();
        assertThat(right(resolve("app:1", new Platform("linux", "arm", "v7"), NOTHING_KNOWN)).config().digest())
                .isEqualTo(arm.configDigest);
        RegistryFailure failure = resolve("app:1", new Platform("linux", "s390x", ""), NOTHING_KNOWN).getLeft();
        assertThat(failure.kind()).isEqualTo(Kind.UNSUPPORTED);
        assertThat(failure.message()).contains("linux/s390x").contains("linux/amd64").contains("linux/arm/v6");
    }

    @Test
    void aTagThatHasNotMovedCostsOneRequest() {
        registry.with("app", "1", IMAGE);
        RemoteImage first = right(resolve("app:1"));
        int before = registry.seen().size();
        right(resolve("app:1", AMD64, digest -> first.documents().find(d -> d.digest().equals(digest)).map(RemoteImage.Document::content)));
        assertThat(registry.seen().subList(before, registry.seen().size())).singleElement()
                .satisfies(request -> assertThat(request.method()).isEqualTo("HEAD"));
        right(resolve("app:1", AMD64, digest -> Option.of(new byte[] {1})));
        assertThat(registry.count("GET", "/manifests/")).as("what is known but damaged is fetched").isEqualTo(2);
    }

    @Test
    void aRegistryWithoutHeadOrDigestHeaderIsUnderstood() {
        registry.with("app", "1", IMAGE);
        registry.guard(exchange -> {
            if (exchange.getRequestMethod().equals("HEAD")) {
                answer(exchange, 405, "");
            }
        });
        assertThat(right(resolve("app:1")).digest()).isEqualTo(IMAGE.manifestDigest());
    }

    @ParameterizedTest
    @CsvSource({"401, UNAUTHORIZED", "403, UNAUTHORIZED", "404, NOT_FOUND", "429, UNAVAILABLE", "500, UNAVAILABLE", "503, UNAVAILABLE",
            "400, UNAVAILABLE"})
    void eachStatusHasItsKindAndAllIsTold(int status, Kind kind) {
        registry.guard(exchange -> answer(exchange, status, "{\"errors\":[{\"code\":\"CODE\",\"message\":\"because\\nof\"}]}"));
        RegistryFailure failure = resolve("team/app:1").getLeft();
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.message()).contains(registry.address() + "/team/app:1")
                .contains("http://" + registry.address() + "/v2/team/app/manifests/1")
                .contains("status " + status).doesNotContain("\n");
        if (status != 404) {
            assertThat(failure.message()).contains("(CODE: because?of)");
        }
    }

    @Test
    void aHostThatCannotBeReachedIsNamedWithTheReason() throws IOException {
        int closed = FreePort.pick();
        RegistryFailure refused = resolve(ImageReference.parse("127.0.0.1:" + closed + "/app").get(), AMD64, NOTHING_KNOWN).getLeft();
        assertThat(refused.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(refused.message()).contains("127.0.0.1:" + closed).contains("the connection was refused");
        RegistryFailure unknown = resolve(ImageReference.parse("no-such-host.invalid/app").get(), AMD64, NOTHING_KNOWN).getLeft();
        assertThat(unknown.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(unknown.message()).contains("https://no-such-host.invalid/v2/app/manifests/latest").contains("cannot be resolved");
    }

    @Test
    void mirrorsAreAskedFirstAndTheirFailuresArePassedOver() throws IOException {
        registry.with("app", "1", IMAGE);
        hosts("[host.\"http://127.0.0.1:1\"]\n[host.\"http://%s\"]\n".formatted(mirror.address()));
        right(resolve("app:1"));
        assertThat(mirror.seen()).isNotEmpty().allSatisfy(request -> assertThat(request.query()).isEqualTo("ns=" + registry.address()));
        assertThat(registry.seen()).isNotEmpty().allSatisfy(request -> assertThat(request.query()).isEqualTo("null"));
        RegistryFailure failure = resolve("absent:1").getLeft();
        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure.attempts().map(RegistryFailure.Attempt::host))
                .containsExactly("127.0.0.1:1", mirror.address(), registry.address());
    }

    @Test
    void aMirrorThatMayNotResolveIsOnlyAskedForWhatCanBeChecked() throws IOException {
        registry.with("app", "1", IMAGE);
        mirror.with("app", "1", IMAGE);
        hosts("[host.\"http://%s\"]\n  capabilities = [\"pull\"]\n".formatted(mirror.address()));
        right(resolve("app:1"));
        assertThat(mirror.seen()).allSatisfy(request -> assertThat(request.path()).endsWith(IMAGE.manifestDigest().toString()));
        assertThat(registry.seen()).allSatisfy(request -> assertThat(request.path()).endsWith("/manifests/1"));
    }

    @Test
    void aMirrorThatLiesIsPassedOver() throws IOException {
        registry.with("app", "1", IMAGE);
        hosts("[host.\"http://%s\"]\n  capabilities = [\"pull\"]\n".formatted(mirror.address()));
        mirror.guard(exchange -> answer(exchange, 200, "{\"lie\":true}"));
        RemoteImage image = right(resolve("app:1"));
        assertThat(right(small(image.config()))).isEqualTo(IMAGE.blobs.get(IMAGE.configDigest));
        assertThat(mirror.seen()).hasSize(2);
    }

    @Test
    void noHostThatMayBeAskedIsAnErrorOfTheConfiguration() throws IOException {
        hosts("capabilities = [\"push\"]\n");
        assertThat(resolve("app:1").getLeft().kind()).isEqualTo(Kind.CONFIGURATION);
        hosts("nonsense");
        assertThat(resolve("app:1").getLeft().message()).contains("hosts.toml");
    }

    @Test
    void wrongContentIsNeverHandedOn() {
        registry.with("app", "1", IMAGE);
        RemoteImage image = right(resolve("app:1"));
        String path = "/v2/app/blobs/" + image.config().digest();
        int size = (int) image.config().sizeBytes();
        for (String body : new String[] {"x".repeat(size), "x".repeat(size + 1), ""}) {
            registry.on(path, exchange -> answer(exchange, 200, body));
            RegistryFailure failure = small(image.config()).getLeft();
            assertThat(failure.kind()).as(failure.message()).isEqualTo(Kind.INVALID_CONTENT);
        }
        registry.on("/v2/app/manifests/" + image.digest(), exchange -> answer(exchange, 200, "{}"));
        assertThat(resolve("app:1").getLeft().kind()).isEqualTo(Kind.INVALID_CONTENT);
    }

    @Test
    void sizesAreBounded() {
        registry.with("app", "1", IMAGE);
        registry.on("/v2/app/manifests/" + IMAGE.manifestDigest(),
                exchange -> answer(exchange, 200, " ".repeat(RegistryLimits.MAX_MANIFEST_BYTES + 1)));
        assertThat(resolve("app:1").getLeft().kind()).isEqualTo(Kind.TOO_LARGE);
        var huge = new Descriptor("", IMAGE.configDigest, RegistryLimits.MAX_CONFIG_BYTES + 1);
        assertThat(small(huge).getLeft().kind()).isEqualTo(Kind.TOO_LARGE);
        String layer = "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:" + "a".repeat(64)
                + "\",\"size\":9223372036854775807}";
        String manifest = "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s,%s]}".formatted(
                TestImage.descriptor("application/vnd.oci.image.config.v1+json", new byte[] {}), layer, layer);
        registry.with("app", "2", TestImage.OCI_MANIFEST, manifest.getBytes());
        assertThat(resolve("app:2").getLeft().kind()).isEqualTo(Kind.TOO_LARGE);
    }

    @Test
    void aBrokenDownloadGoesOnWhereItBroke() {
        registry.with("app", "1", LARGE);
        String path = "/v2/app/blobs/" + LARGE.layers.getFirst();
        registry.onFirst(5, path, exchange -> registry.breakAfter(exchange, 50_000));
        Collected sink = new Collected();
        assertThat(right(download(LARGE, sink))).isEqualTo(LARGE.blobs.get(LARGE.layers.getFirst()).length);
        assertThat(sink.bytes.toByteArray()).isEqualTo(LARGE.blobs.get(LARGE.layers.getFirst()));
        assertThat(sink.restarts).isZero();
        assertThat(registry.seen().stream().map(request -> request.headers().getOrDefault("range", "all")).toList())
                .contains("bytes=50000-", "bytes=250000-");
    }

    @Test
    void aRegistryWithoutRangesStartsAnew() {
        registry.with("app", "1", LARGE);
        String path = "/v2/app/blobs/" + LARGE.layers.getFirst();
        registry.onFirst(1, path, exchange -> registry.breakAfter(exchange, 50_000));
        registry.forgetRanges();
        Collected sink = new Collected();
        right(download(LARGE, sink));
        assertThat(sink.bytes.toByteArray()).isEqualTo(LARGE.blobs.get(LARGE.layers.getFirst()));
        assertThat(sink.restarts).isEqualTo(1);
    }

    @Test
    void aDownloadGoesOnAtTheNextHost() throws IOException {
        registry.with("app", "1", LARGE);
        mirror.with("app", "1", LARGE);
        hosts("[host.\"http://%s\"]\n".formatted(mirror.address()));
        String path = "/v2/app/blobs/" + LARGE.layers.getFirst();
        mirror.onFirst(1, path, exchange -> mirror.breakAfter(exchange, 50_000));
        mirror.guard(exchange -> {
            if (mirror.count("GET", "/blobs/") > 1) {
                answer(exchange, 503, "");
            }
        });
        right(download(LARGE, new Collected()));
        assertThat(registry.seen()).singleElement()
                .satisfies(request -> assertThat(request.headers()).containsEntry("range", "bytes=50000-"));
    }

    @Test
    void whatALyingHostBeganIsNotHeldAgainstTheNext() throws IOException {
        registry.with("app", "1", LARGE);
        hosts("[host.\"http://%s\"]\n".formatted(mirror.address()));
        mirror.on("/v2/app/blobs/" + LARGE.layers.getFirst(), exchange -> {
            if (mirror.seen().size() == 1) {
                exchange.sendResponseHeaders(200, 200_000);
                exchange.getResponseBody().write(new byte[100_000]);
                exchange.getResponseBody().flush();
                exchange.close();
            } else {
                answer(exchange, 404, "");
            }
        });
        Collected sink = new Collected();
        right(download(LARGE, sink));
        assertThat(sink.bytes.toByteArray()).isEqualTo(LARGE.blobs.get(LARGE.layers.getFirst()));
    }

    @Test
    void aBodyThatStallsIsGivenUp() {
        options = options.withStallTimeoutMillis(150).withRetries(2, 1);
        registry.with("app", "1", LARGE);
        registry.on("/v2/app/blobs/" + LARGE.layers.getFirst(), exchange -> registry.stallAfter(exchange, 0));
        RegistryFailure failure = download(LARGE, new Collected()).getLeft();
        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure.message()).contains("no byte arrived for 150 ms");
        options = options.withStallTimeoutMillis(3_000);
        registry.onFirst(1, "/v2/app/blobs/" + LARGE.layers.getFirst(), exchange -> registry.stallAfter(exchange, 100_000));
        right(download(LARGE, new Collected()));
    }

    @Test
    void aFailingReceiverIsNoFaultOfTheRegistry() {
        registry.with("app", "1", LARGE);
        RegistryFailure failure = download(LARGE, new BlobSink() {
            @Override
            public void restart() {}

            @Override
            public void write(byte[] bytes, int length) throws IOException {
                throw new IOException("No space left on device");
            }
        }).getLeft();
        assertThat(failure.kind()).isEqualTo(Kind.LOCAL);
        assertThat(failure.message()).contains("No space left");
        assertThat(registry.count("GET", "/blobs/")).isEqualTo(1);
    }

    @Test
    void anInterruptEndsADownload() throws Exception {
        registry.with("app", "1", LARGE);
        var stalled = new CountDownLatch(1);
        registry.on("/v2/app/blobs/" + LARGE.layers.getFirst(), exchange -> {
            stalled.countDown();
            registry.stallAfter(exchange, 10);
        });
        var result = new CompletableFuture<Either<RegistryFailure, Long>>();
        Thread thread = Thread.ofVirtual().start(() -> result.complete(download(LARGE, new Collected())));
        stalled.await();
        thread.interrupt();
        assertThat(result.get(30, TimeUnit.SECONDS).getLeft().kind()).isEqualTo(Kind.CANCELLED);
    }

    @Test
    void redirectsAreFollowedButNotForEver() {
        registry.with("app", "1", IMAGE);
        mirror.with("app", "1", IMAGE);
        RemoteImage image = right(resolve("app:1"));
        String path = "/v2/app/blobs/" + image.config().digest();
        registry.on(path, exchange -> redirect(exchange, "http://" + mirror.address() + path + "?signature=geheim"));
        right(small(image.config()));
        registry.on(path, exchange -> redirect(exchange, path));
        assertThat(small(image.config()).getLeft().message()).contains("redirected more than 5 times");
        for (String location : new String[] {"", "ftp://x/y", "file:///etc/passwd", "::", "http://"}) {
            registry.on(path, exchange -> redirect(exchange, location));
            assertThat(small(image.config()).getLeft().message()).as(location).contains("no http or https URL").doesNotContain("passwd");
        }
        registry.on(path, exchange -> redirect(exchange, "http://" + mirror.address() + "/gone?signature=geheim"));
        assertThat(small(image.config()).getLeft().message()).contains("/gone → status 404").doesNotContain("geheim")
                .doesNotContain("MANIFEST_UNKNOWN");
    }

    @Test
    void aProxyOfTheEnvironmentIsAskedForOtherHosts() throws IOException {
        registry.with("app", "1", IMAGE);
        Path entry = Files.createDirectories(dir.resolve("registry.invalid"));
        Files.writeString(entry.resolve("hosts.toml"), "server = \"http://registry.invalid\"\n");
        options = options.withHostsDirectories(List.of(dir)).withEnvironment(HashMap.of("HTTP_PROXY", "http://" + registry.address()));
        right(resolve(ImageReference.parse("registry.invalid/app:1").get(), AMD64, NOTHING_KNOWN));
        assertThat(registry.seen()).isNotEmpty().allSatisfy(request -> assertThat(request.headers()).containsEntry("host", "registry.invalid"));
    }

    /** Keeps what it is given, and counts how often it had to forget. */
    private static final class Collected implements BlobSink {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int restarts;

        @Override
        public void restart() {
            bytes.reset();
            restarts++;
        }

        @Override
        public void write(byte[] buffer, int length) {
            bytes.write(buffer, 0, length);
        }
    }

    private Either<RegistryFailure, Long> download(TestImage image, BlobSink sink) {
        Digest digest = image.layers.getFirst();
        try (RegistrySession session = session(reference("app:1"))) {
            return session.download(new Descriptor("", digest, image.blobs.get(digest).length), sink);
        }
    }

    private Either<RegistryFailure, byte[]> small(Descriptor blob) {
        try (RegistrySession session = session(reference("app:1"))) {
            return session.small(blob, RegistryLimits.MAX_CONFIG_BYTES);
        }
    }

    private Either<RegistryFailure, RemoteImage> resolve(String name) {
        return resolve(name, AMD64, NOTHING_KNOWN);
    }

    private Either<RegistryFailure, RemoteImage> resolve(String name, Platform platform, Function<Digest, Option<byte[]>> known) {
        return resolve(reference(name), platform, known);
    }

    private Either<RegistryFailure, RemoteImage> resolve(
            ImageReference reference, Platform platform, Function<Digest, Option<byte[]>> known) {
        var session = new RegistryClient(options).session(reference, Credentials.anonymous());
        return session.flatMap(open -> {
            try (open) {
                return open.resolve(platform, known);
            }
        });
    }

    private RegistrySession session(ImageReference reference) {
        return right(new RegistryClient(options).session(reference, Credentials.anonymous()));
    }

    private ImageReference reference(String name) {
        return ImageReference.parse(registry.address() + "/" + name).get();
    }

    private void hosts(String toml) {
        try {
            Path entry = Files.createDirectories(dir.resolve(registry.address()));
            Files.writeString(entry.resolve("hosts.toml"), toml);
            options = options.withHostsDirectories(List.of(dir));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T right(Either<RegistryFailure, T> either) {
        return either.getOrElseThrow(failure -> new AssertionError(failure.message()));
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
