package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.linux.Mounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    private PulledImage pull(String name) {
        var reference = ImageReference.parse(registry.address() + "/" + name).get();
        return store.pull(reference, Credentials.anonymous(), PullProgress.NONE)
                .getOrElseThrow(failure -> new AssertionError(failure.message()));
    }
}
