package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryFailure;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.linux.Mounts;
import io.vavr.control.Either;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PullTest {
    @TempDir
    static Path registryDir;
    static DockerRegistry registry;

    @TempDir
    Path dir;
    private ImageStore store;

    @BeforeAll
    static void startRegistry() throws Exception {
        registry = DockerRegistry.start(registryDir);
    }

    @AfterAll
    static void stopRegistry() throws Exception {
        registry.close();
    }

    @BeforeEach
    void open() {
        store = ImageStore.open(dir.resolve("images"), RegistryOptions.defaults()).get();
    }

    @AfterEach
    void close() {
        store.snapshots().list().get().forEach(key -> store.snapshots().remove(key));
        store.close();
    }

    @Test
    void anImageIsPulledUnpackedAndMounted() throws Exception {
        var image = TestImage.built(TestImage.DOCKER_MANIFEST, "amd64", """
                {"Env":["PATH=/bin","A=b"],"Entrypoint":["/hello"],"Cmd":null,"WorkingDir":"/w","User":"1000:1000","StopSignal":"SIGINT",
                 "ExposedPorts":{"80/tcp":{}},"Volumes":{"/data":{}},"Labels":{"k":"v"}}""",
                TestImage.Packing.GZIP, Tar.of(Tar.dir("./"), Tar.dir("bin/"), Tar.file("bin/hello", "hi").mode(04755).owner(7, 8)));
        registry.push("team/app", "1", image);

        PulledImage pulled = pull("team/app:1");

        assertThat(pulled.image().imageId()).isEqualTo(image.configDigest);
        assertThat(pulled.digest()).isEqualTo(image.manifestDigest()).isEqualTo(pulled.manifestDigest());
        assertThat(pulled.repoDigest()).isEqualTo(registry.address() + "/team/app@" + image.manifestDigest());
        ImageConfig config = pulled.image().config();
        assertThat(config.env()).containsExactly("PATH=/bin", "A=b");
        assertThat(config.entrypoint()).containsExactly("/hello");
        assertThat(config.cmd()).isEmpty();
        assertThat(config).extracting(ImageConfig::workingDir, ImageConfig::user, ImageConfig::stopSignal)
                .containsExactly("/w", "1000:1000", "SIGINT");
        assertThat(config.exposedPorts()).containsExactly("80/tcp");
        assertThat(config.volumes()).containsExactly("/data");
        assertThat(config.labels().get("k")).contains("v");
        assertThat(store.load(image.configDigest).get()).usingRecursiveComparison().isEqualTo(pulled.image());

        assertThat(store.snapshots().prepare("c1", pulled.image().chainIds()).isRight()).isTrue();
        Path target = Files.createDirectory(dir.resolve("rootfs"));
        assertThat(store.snapshots().mount("c1", target, false).isRight()).isTrue();
        assertThat(target.resolve("bin/hello")).hasContent("hi");
        assertThat(Files.getAttribute(target.resolve("bin/hello"), "unix:mode")).isEqualTo(0104755);
        assertThat(Files.getAttribute(target.resolve("bin/hello"), "unix:uid")).isEqualTo(7);
        Files.writeString(target.resolve("new"), "written");
        assertThat(store.snapshots().usage("c1").get().inodes()).isEqualTo(2);

        assertThat(store.snapshots().remove("c1").isRight()).isTrue();
        assertThat(Mounts.isMountPoint(target)).isFalse();
        store.forget(image.configDigest);
        StoreUsage after = store.sweep(Set.<Digest>of()).get();
        assertThat(after.bytes()).isZero();
        assertThat(after.inodes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(TestImage.Packing.class)
    void layersComeInEveryPackingAndBothFamilies(TestImage.Packing packing) throws Exception {
        String type = packing == TestImage.Packing.GZIP ? TestImage.DOCKER_MANIFEST : TestImage.OCI_MANIFEST;
        var image = TestImage.built(type, "amd64", "{}", packing, Tar.of(Tar.file("a", "1")), Tar.of(Tar.file("b", "2")));
        registry.push("packed", "1", image);
        assertThat(pull("packed:1").image().chainIds()).hasSize(2);
        assertThat(pull("packed@" + image.manifestDigest()).image().imageId()).isEqualTo(image.configDigest);
    }

    @Test
    void theDigestOfAnIndexIsTheOneUsersSee() throws Exception {
        var image = TestImage.of(Tar.of(Tar.file("a", "amd64")));
        var other = TestImage.built(TestImage.DOCKER_MANIFEST, "arm64", "{}", TestImage.Packing.GZIP, Tar.of(Tar.file("a", "arm64")));
        registry.push("many", "a", image);
        registry.push("many", "b", other);
        byte[] index = TestImage.index(TestImage.DOCKER_LIST, Map.of("linux/amd64", image, "linux/arm64/v8", other));
        registry.pushManifest("many", "1", TestImage.DOCKER_LIST, index);
        PulledImage pulled = pull("many:1");
        assertThat(pulled.digest()).isEqualTo(Digest.of(index));
        assertThat(pulled.manifestDigest()).isEqualTo(image.manifestDigest());
        assertThat(pulled.image().imageId()).isEqualTo(image.configDigest);
        var failure = tryPull("many:b").getLeft();
        assertThat(failure).isInstanceOf(PullFailure.BadImage.class);
        assertThat(failure.message()).contains("linux/arm64").contains("linux/amd64");
    }

    @Test
    void sharedLayersAreStoredOnceAndGoWithTheirLastImage() throws Exception {
        byte[] base = Tar.of(Tar.file("base", "x".repeat(50_000)));
        registry.push("shared", "1", TestImage.of(base, Tar.of(Tar.file("one", "1"))));
        registry.push("shared", "2", TestImage.of(base, Tar.of(Tar.file("two", "2"))));
        StoredImage one = pull("shared:1").image();
        StoredImage two = pull("shared:2").image();
        assertThat(one.chainIds().head()).isEqualTo(two.chainIds().head());
        assertThat(layerCount()).isEqualTo(3);

        assertThat(store.sweep(Set.of(one.imageId(), two.imageId())).isRight()).isTrue();
        assertThat(layerCount()).isEqualTo(3);
        long before = store.usage().get().bytes();
        long after = store.sweep(Set.of(two.imageId())).get().bytes();
        assertThat(layerCount()).isEqualTo(2);
        assertThat(after).isLessThan(before).isGreaterThan(50_000);
        assertThat(store.load(one.imageId()).getLeft().kind()).isEqualTo(StoreFailure.Kind.MISSING);
        assertThat(store.load(two.imageId()).isRight()).isTrue();
        assertThat(store.sweep(Set.of()).get().inodes()).isZero();
        assertThat(dir.resolve("images/blobs")).isEmptyDirectory();
    }

    @Test
    void anImageJustPulledIsSafeUntilItWasSeenOrForgotten() throws Exception {
        registry.push("fresh", "1", TestImage.of(Tar.of(Tar.file("f", "x"))));
        Digest id = pull("fresh:1").image().imageId();
        store.sweep(Set.of());
        assertThat(store.load(id).isRight()).isTrue();
        store.sweep(Set.of(id));
        store.sweep(Set.of());
        assertThat(store.load(id).isLeft()).isTrue();
        pull("fresh:1");
        store.forget(id);
        store.sweep(Set.of());
        assertThat(store.load(id).isLeft()).isTrue();
    }

    @Test
    void whatWasDamagedIsPulledAnew() throws Exception {
        var image = TestImage.of(Tar.of(Tar.file("a", "1"), Tar.file("b", "2")), Tar.of(Tar.file("c", "3")));
        registry.push("damaged", "1", image);
        StoredImage stored = pull("damaged:1").image();
        Path base = layer(stored.chainIds().head());
        Files.delete(base.resolve("fs/b"));
        Files.writeString(dir.resolve("images/blobs/sha256-" + image.configDigest.hex()), "{}");
        reopen();
        assertThat(store.load(image.configDigest).getLeft().kind()).isEqualTo(StoreFailure.Kind.MISSING);
        pull("damaged:1");
        assertThat(base.resolve("fs/b")).hasContent("2");
        reopen();
        assertThat(store.load(image.configDigest).get().chainIds()).isEqualTo(stored.chainIds());
        Files.writeString(layer(stored.chainIds().last()).resolve("layer.json"), "");
        reopen();
        assertThat(store.load(image.configDigest).getLeft().kind()).isEqualTo(StoreFailure.Kind.DAMAGED);
        assertThat(store.snapshots().prepare("c", stored.chainIds()).getLeft().kind()).isEqualTo(StoreFailure.Kind.DAMAGED);
        pull("damaged:1");
        assertThat(store.snapshots().prepare("c", stored.chainIds()).isRight()).isTrue();
    }

    @Test
    void anImageWithoutLayersIsAnImage() throws Exception {
        registry.push("scratch", "1", TestImage.of());
        StoredImage image = pull("scratch:1").image();
        assertThat(image.chainIds()).isEmpty();
        Path target = Files.createDirectory(dir.resolve("rootfs"));
        assertThat(store.snapshots().prepare("c", image.chainIds()).isRight()).isTrue();
        assertThat(store.snapshots().mount("c", target, false).isRight()).isTrue();
        Files.writeString(target.resolve("f"), "x");
    }

    @Test
    void aRegistryWithAPasswordWantsIt(@TempDir Path other) throws Exception {
        String bcrypt = "user:$2b$05$fdq1C4Z4PjEGYxf.u8kdJe8KmXY/WwXnAIFG9tE2/FI82v7.5XOc2";
        try (var guarded = DockerRegistry.start(other, bcrypt, "user:geheim")) {
            guarded.push("app", "1", TestImage.of(Tar.of(Tar.file("f", "x"))));
            var reference = ImageReference.parse(guarded.address() + "/app:1").get();
            assertThat(store.pull(reference, Credentials.basic("user", "geheim"), PullProgress.NONE).isRight()).isTrue();
            for (var credentials : new Credentials[] {Credentials.anonymous(), Credentials.basic("user", "falsch")}) {
                var failure = (PullFailure.FromRegistry) store.pull(reference, credentials, PullProgress.NONE).getLeft();
                assertThat(failure.failure().kind()).isEqualTo(RegistryFailure.Kind.UNAUTHORIZED);
            }
        }
    }

    @Test
    void whatIsNotThereIsToldSo() {
        var failure = (PullFailure.FromRegistry) tryPull("absent:1").getLeft();
        assertThat(failure.failure().kind()).isEqualTo(RegistryFailure.Kind.NOT_FOUND);
        assertThat(failure.message()).contains("absent:1").contains("not found").contains("404");
    }

    @Test
    void onlyOneMayHaveTheStoreOpen() {
        var second = ImageStore.open(dir.resolve("images"), RegistryOptions.defaults());
        assertThat(second.getLeft().message()).contains("only user").contains("images/lock");
    }

    @Test
    void theStoreIsOpenToItsOwnerOnlyAndRubbishGoesAtTheStart() throws Exception {
        store.close();
        Path rubbish = Files.createDirectories(dir.resolve("images/ingest/i7/fs/a/b"));
        Files.writeString(rubbish.resolve("f"), "x");
        Files.createDirectories(dir.resolve("images/trash/t1/x"));
        open();
        assertThat(dir.resolve("images/ingest")).isEmptyDirectory();
        assertThat(dir.resolve("images/trash")).isEmptyDirectory();
        try (Stream<Path> all = Files.walk(dir.resolve("images"))) {
            assertThat(all.filter(Files::isDirectory)).allSatisfy(directory ->
                    assertThat(Files.getPosixFilePermissions(directory)).isEqualTo(PosixFilePermissions.fromString("rwx------")));
        }
    }

    private void reopen() {
        store.close();
        open();
    }

    private Path layer(Digest chainId) {
        return dir.resolve("images/layers/sha256-" + chainId.hex());
    }

    private long layerCount() throws IOException {
        try (Stream<Path> layers = Files.list(dir.resolve("images/layers"))) {
            return layers.count();
        }
    }

    private PulledImage pull(String name) {
        return tryPull(name).getOrElseThrow(failure -> new AssertionError(failure.message()));
    }

    private Either<PullFailure, PulledImage> tryPull(String name) {
        var reference = ImageReference.parse(registry.address() + "/" + name).get();
        return store.pull(reference, Credentials.anonymous(), PullProgress.NONE);
    }
}
