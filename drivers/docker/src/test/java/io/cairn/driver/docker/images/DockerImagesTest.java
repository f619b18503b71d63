package io.cairn.driver.docker.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.Zstd;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.PulledImage;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.engine.NewContainer;
import io.cairn.driver.host.ImagesFixture;
import io.cairn.images.Verification;
import io.cairn.images.registry.RegistryClient;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.proto.journal.Failure;
import io.cairn.testkit.DockerProcess;
import io.cairn.testkit.OciImage;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.control.Option;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images in a real engine, looked at past the driver's own client. */
class DockerImagesTest extends ImagesFixture {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private DockerProcess docker;
    private Engine engine;
    private DockerImages images;

    @BeforeEach
    void start() throws Exception {
        docker = DockerProcess.start(directory.resolve("docker"), true);
        engine = new Engine(docker.socket(), PATIENCE);
        images = open("cairn");
    }

    private DockerImages open(String owner) throws Exception {
        return open(owner, RegistryOptions.defaults().parallelLayers());
    }

    private DockerImages open(String owner, int parallelLayers) throws Exception {
        var client = new RegistryClient(registryOptions().withParallelLayers(parallelLayers));
        return new DockerImages(engine, owner, layersOf(owner), client, Verification.NONE);
    }

    private Path layersOf(String owner) {
        return directory.resolve("layers-" + owner);
    }

    @AfterEach
    void stop() throws Exception {
        engine.close();
        docker.close();
    }

    @Override
    protected ImageBackend images() {
        return images;
    }

    private List<String> names() throws Exception {
        var names = new ArrayList<String>();
        for (JsonNode image : docker.get("/images/json")) {
            image.path("RepoTags").forEach(tag -> names.add(tag.asText()));
        }
        return names;
    }

    private static String name(PulledImage image) {
        return "cairn.internal/cairn:" + image.id().substring("sha256:".length());
    }

    private List<Path> layerFiles() throws Exception {
        try (Stream<Path> files = Files.list(layersOf("cairn"))) {
            return files.toList();
        }
    }

    @Test
    void aPulledImageHasTheIdItHasEverywhereAndOneNameOfOurs() throws Exception {
        OciImage image = push("team/app", "hello");

        PulledImage pulled = pull(reference("team/app"));

        assertThat(pulled.id()).isEqualTo(image.id());
        assertThat(pulled.repoTag()).isEqualTo(reference("team/app"));
        assertThat(pulled.repoDigest()).isEqualTo(registry.address() + "/team/app@" + image.digest());
        assertThat(pulled.sizeBytes()).isGreaterThan(100_000);
        assertThat(names()).containsExactly(name(pulled));
        JsonNode there = docker.get("/images/" + image.id() + "/json");
        assertThat(there.path("Config").path("Cmd").path(1).asText()).isEqualTo("/etc/greeting");
        assertThat(there.path("RootFS").path("Layers")).hasSize(2);
        assertThat(images.isIntact(pulled.id())).isTrue();
        assertThat(layerFiles()).isEmpty();
    }

    @Test
    void whatTwoImagesShareIsBroughtOnceAndStaysForTheOther() throws Exception {
        push("team/one", "one");
        push("team/two", "two");
        PulledImage one = pull(reference("team/one"));
        var counted = new AtomicLong();
        PulledImage two = images.pull(reference("team/two"), Credentials.NONE, (received, total) -> counted.set(total));

        assertThat(counted.get()).as("bytes of the upper layer alone").isPositive().isLessThan(10_000);
        images.remove(one.id(), HashSet.of(two.id()));

        assertThat(names()).containsExactly(name(two));
        assertThat(images.isIntact(one.id())).isFalse();
        assertThat(images.isIntact(two.id())).isTrue();
        images.remove(two.id(), HashSet.empty());
        assertThat(docker.get("/images/json?all=1")).isEmpty();
    }

    @Test
    void pullsOfOneImageAtTheSameTimeBringItOnce() throws Exception {
        push("team/app", "hello");
        push("team/other", "other");
        var received = new AtomicLong();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<PulledImage>> pulls = IntStream.range(0, 6).mapToObj(i -> threads.submit(() ->
                    images.pull(reference(i % 3 == 0 ? "team/other" : "team/app"), Credentials.NONE, (_, total) -> received.addAndGet(total)))).toList();
            for (Future<PulledImage> pull : pulls) {
                assertThat(pull.get().repoTag()).startsWith(registry.address() + "/team/");
            }
        }
        assertThat(names()).hasSize(2);
        assertThat(layerFiles()).isEmpty();
    }

    @Test
    void aTagThatMovedIsFollowed() throws Exception {
        push("team/app", "first");
        PulledImage first = pull(reference("team/app"));
        OciImage second = push("team/app", "second");

        PulledImage pulled = pull(reference("team/app"));

        assertThat(pulled.id()).isEqualTo(second.id()).isNotEqualTo(first.id());
        assertThat(names()).containsExactlyInAnyOrder(name(first), name(pulled));
    }

    @Test
    void layersPackedWithZstdAreUnderstoodByEveryEngine() throws Exception {
        OciImage gzip = busybox.busybox().files(Map.of("etc/greeting", "packed")).build();
        var layers = new ArrayList<>(gzip.layers());
        byte[] plain = new GZIPInputStream(new ByteArrayInputStream(layers.getLast().bytes())).readAllBytes();
        layers.set(layers.size() - 1, new OciImage.Blob("application/vnd.oci.image.layer.v1.tar+zstd", Zstd.compress(plain)));
        var manifest = (ObjectNode) JSON.readTree(gzip.manifest().bytes());
        ((ObjectNode) manifest.path("layers").path(layers.size() - 1)).put("mediaType", layers.getLast().mediaType())
                .put("digest", layers.getLast().digest()).put("size", layers.getLast().bytes().length);
        var image = new OciImage(new OciImage.Blob(gzip.manifest().mediaType(), JSON.writeValueAsBytes(manifest)), gzip.config(), layers);
        registry.push(image, "team/zstd", "1");

        PulledImage pulled = pull(reference("team/zstd"));

        assertThat(pulled.id()).isEqualTo(gzip.id());
        assertThat(docker.get("/images/" + gzip.id() + "/json").path("RootFS").path("Layers")).hasSize(2);
    }

    @Test
    void imagesThatPeopleAndOtherOwnersNamedStayTheirs() throws Exception {
        push("team/app", "hello");
        PulledImage pulled = pull(reference("team/app"));
        DockerImages others = open("other");
        others.pull(reference("team/app"), Credentials.NONE, PullObserver.NONE);
        docker.post("/images/%s/tag?repo=people/own&tag=1".formatted(pulled.id()));

        images.remove(pulled.id(), HashSet.empty());

        assertThat(names()).containsExactlyInAnyOrder("people/own:1", name(pulled).replace("/cairn:", "/other:"));
        assertThat(images.isIntact(pulled.id())).isFalse();
        assertThat(others.isIntact(pulled.id())).isTrue();
        assertThat(pull(reference("team/app"))).isEqualTo(pulled);
        assertThat(names()).contains(name(pulled));
    }

    @Test
    void anImageThatAContainerIsMadeOfStaysUntilTheContainerIsGone() throws Exception {
        push("team/app", "hello");
        PulledImage pulled = pull(reference("team/app"));
        String container = engine.createContainer(new NewContainer("one", pulled.id(), c -> c, HashMap.empty())).get();

        images.remove(pulled.id(), HashSet.empty());
        assertThat(images.isIntact(pulled.id())).isTrue();

        engine.removeContainer(container);
        images.free(HashSet.empty());
        assertThat(names()).isEmpty();
    }

    @Test
    void anImageThatWasJustPulledIsNotFreedBeforeItIsOnRecord() throws Exception {
        push("team/app", "hello");
        PulledImage pulled = pull(reference("team/app"));

        images.free(HashSet.empty());
        assertThat(images.isIntact(pulled.id())).isTrue();

        images.free(HashSet.of(pulled.id()));
        images.free(HashSet.empty());
        assertThat(images.isIntact(pulled.id())).isFalse();
    }

    @Test
    void aFailedPullKeepsWhatCameUntilItIsFreed() throws Exception {
        OciImage image = push("team/app", "hello");
        damage(image.layers().getLast().digest());
        // One after the other: a failure ends what still comes.
        images = open("cairn", 1);

        var failure = catchThrowableOfType(DriverException.class, () -> pull(reference("team/app")));

        assertThat(failure.getMessage()).contains("content of the digest");
        assertThat(names()).isEmpty();
        assertThat(layerFiles()).hasSize(1);
        var counted = new AtomicLong();
        catchThrowableOfType(DriverException.class, () ->
                images.pull(reference("team/app"), Credentials.NONE, (received, total) -> counted.set(total)));
        assertThat(counted.get()).as("bytes of the upper layer alone").isLessThan(10_000);
        images.free(HashSet.empty());
        assertThat(layerFiles()).isEmpty();
    }

    @Test
    void aLayerThatIsNotTheOneTheConfigurationNamesNeverComesToTheEngine() throws Exception {
        OciImage good = busybox.busybox().files(Map.of("etc/greeting", "good")).build();
        OciImage other = busybox.busybox().files(Map.of("etc/greeting", "other")).build();
        var manifest = (ObjectNode) JSON.readTree(other.manifest().bytes());
        ((ObjectNode) manifest.path("config")).put("digest", good.id()).put("size", good.config().bytes().length);
        registry.push(new OciImage(new OciImage.Blob(other.manifest().mediaType(), JSON.writeValueAsBytes(manifest)), good.config(), other.layers()),
                "team/mixed", "1");

        var failure = catchThrowableOfType(DriverException.class, () -> pull(reference("team/mixed")));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.FAILED);
        assertThat(failure.getMessage()).contains("as the image's configuration says");
        assertThat(names()).isEmpty();
    }

    @Test
    void anEngineThatIsAwayIsNamedAndFoundAgain() throws Exception {
        push("team/app", "hello");
        PulledImage pulled = pull(reference("team/app"));
        docker.kill();

        var failure = catchThrowableOfType(DriverException.class, () -> pull(reference("team/app")));

        assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(failure.getMessage()).contains(docker.socket().toString());
        assertThat(images.isIntact(pulled.id())).as("nobody can tell").isTrue();
        docker.startAgain();
        assertThat(pull(reference("team/app"))).isEqualTo(pulled);
    }

    @Test
    void usageIsWhatTheLayersOfAllImagesTake() throws Exception {
        assertThat(images.usage().usedBytes()).isZero();
        push("team/one", "one");
        push("team/two", "two");
        pull(reference("team/one"));
        var one = images.usage();
        pull(reference("team/two"));

        var two = images.usage();

        assertThat(one.usedBytes()).isGreaterThan(Files.size(Path.of("/bin/busybox")));
        assertThat(two.usedBytes() - one.usedBytes()).as("the upper layer").isPositive().isLessThan(100_000);
        assertThat(one.usedInodes()).isGreaterThan(100);
        assertThat(Path.of(one.mountPoint())).isEqualTo(docker.dataRoot());
    }

    @Test
    void theImageOfPodsNeedsNoRegistryAndIsNeverFreed() throws Exception {
        var pods = new PodImage(engine, images, Option.none());

        String id = pods.id();

        assertThat(pods.id()).isEqualTo(id);
        images.free(HashSet.empty());
        assertThat(names()).containsExactly("cairn.internal/cairn:pause");
        String container = engine.createContainer(new NewContainer("pod", id, c -> c.withHostConfig(
                com.github.dockerjava.api.model.HostConfig.newHostConfig().withNetworkMode("none")), HashMap.empty())).get();
        engine.startContainer(container);
        assertThat(docker.get("/containers/pod/json").path("State").path("Running").asBoolean()).isTrue();
        engine.removeContainer(container);
    }

    @Test
    void theImageOfPodsCanBeAReference() throws Exception {
        OciImage image = push("team/pause", "pause");
        var pods = new PodImage(engine, images, Option.some(reference("team/pause")));

        assertThat(pods.id()).isEqualTo(image.id());

        images.free(HashSet.of(image.id()));
        images.free(HashSet.empty());
        registry.close();
        assertThat(pods.id()).isEqualTo(image.id());
    }
}
