package io.cairn.driver.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.PulledImage;
import io.cairn.driver.host.ImagesFixture;
import io.cairn.images.Verification;
import io.cairn.images.registry.RegistryClient;
import io.cairn.proto.journal.Failure;
import io.cairn.testkit.ContainerdProcess;
import io.cairn.testkit.OciImage;
import io.vavr.collection.HashSet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images in a real containerd, looked at with its own client. */
class ContainerdImagesTest extends ImagesFixture {
    private static final String NAMESPACE = "cairn";

    private ContainerdProcess containerd;
    private Connection connection;
    private ContainerdImages images;

    @BeforeEach
    void start() throws Exception {
        containerd = ContainerdProcess.start(directory.resolve("containerd"));
        connection = new Connection(containerd.socket(), NAMESPACE, Duration.ofSeconds(20));
        images = new ContainerdImages(connection, "overlayfs", new RegistryClient(registryOptions()), Verification.NONE);
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        containerd.close();
    }

    @Override
    protected ImageBackend images() {
        return images;
    }

    private String ctr(String... arguments) throws Exception {
        return containerd.ctr(NAMESPACE, arguments);
    }

    private void collect() throws Exception {
        // Any deletion that is told to wait runs the collector.
        ctr("images", "rm", "--sync", "nothing.example/at/all:1");
    }

    @Test
    void aPulledImageIsWholeAndNamedAsOtherClientsExpectIt() throws Exception {
        OciImage image = push("team/app", "hello");

        PulledImage pulled = pull(reference("team/app"));

        assertThat(pulled.id()).isEqualTo(image.id());
        assertThat(pulled.repoTag()).isEqualTo(reference("team/app"));
        assertThat(pulled.repoDigest()).isEqualTo(registry.address() + "/team/app@" + image.digest());
        assertThat(pulled.sizeBytes()).isGreaterThan(100_000);
        assertThat(ctr("images", "ls", "-q").lines()).containsExactlyInAnyOrder(pulled.repoTag(), pulled.repoDigest());
        assertThat(ctr("images", "check").lines().filter(l -> l.startsWith(pulled.repoTag() + " ")))
                .singleElement().asString().contains("complete (").contains("true");
        assertThat(ctr("leases", "ls", "-q")).isBlank();
        assertThat(images.isIntact(pulled.id())).isTrue();
    }

    @Test
    void theCollectorLeavesAnImageAloneUntilItIsRemoved() throws Exception {
        push("team/app", "hello");
        PulledImage pulled = pull(reference("team/app"));

        collect();
        assertThat(ctr("snapshots", "ls").lines()).hasSize(3);
        assertThat(ctr("content", "ls", "-q").lines()).hasSize(4);
        assertThat(images.isIntact(pulled.id())).isTrue();

        images.remove(pulled.id(), HashSet.empty());

        assertThat(ctr("images", "ls", "-q")).isBlank();
        assertThat(ctr("content", "ls", "-q")).isBlank();
        assertThat(ctr("snapshots", "ls").lines()).hasSize(1);
        assertThat(images.isIntact(pulled.id())).isFalse();
    }

    @Test
    void whatTwoImagesShareIsBroughtOnceAndStaysForTheOther() throws Exception {
        push("team/one", "one");
        push("team/two", "two");
        PulledImage one = pull(reference("team/one"));
        var counted = new java.util.concurrent.atomic.AtomicLong();
        PulledImage two = images.pull(reference("team/two"), Credentials.NONE, (received, total) -> counted.set(total));

        assertThat(counted.get()).as("bytes of the upper layer alone").isLessThan(10_000);
        images.remove(one.id(), HashSet.of(two.id()));

        assertThat(images.isIntact(two.id())).isTrue();
        assertThat(ctr("images", "check").lines().filter(l -> l.startsWith(two.repoTag() + " "))).singleElement().asString()
                .contains("complete (");
    }

    @Test
    void pullsOfOneImageAtTheSameTimeBringItOnce() throws Exception {
        push("team/app", "hello");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<PulledImage>> pulls = java.util.stream.IntStream.range(0, 4)
                    .mapToObj(_ -> threads.submit(() -> pull(reference("team/app")))).toList();
            for (Future<PulledImage> pull : pulls) {
                assertThat(pull.get().repoTag()).isEqualTo(reference("team/app"));
            }
        }
        assertThat(ctr("snapshots", "ls").lines()).hasSize(3);
        assertThat(ctr("content", "active").lines()).hasSize(1);
    }

    @Test
    void anImageThatSomebodyImportedIsUsedWithoutItsRegistry() throws Exception {
        OciImage image = push("team/app", "hello");
        String elsewhere = "nowhere.invalid/team/app:1";
        ctr("images", "pull", "--plain-http", reference("team/app"));
        ctr("images", "tag", reference("team/app"), elsewhere);

        PulledImage pulled = pull(elsewhere);

        assertThat(pulled.id()).isEqualTo(image.id());
        assertThat(pulled.repoTag()).isEqualTo(elsewhere);
        assertThat(images.isIntact(pulled.id())).isTrue();
    }

    @Test
    void aTagThatMovedIsFollowed() throws Exception {
        push("team/app", "first");
        PulledImage first = pull(reference("team/app"));
        OciImage second = push("team/app", "second");

        PulledImage pulled = pull(reference("team/app"));

        assertThat(pulled.id()).isEqualTo(second.id()).isNotEqualTo(first.id());
        assertThat(images.isIntact(first.id())).as("its digest still names it").isTrue();
        assertThat(ctr("images", "ls", "-q").lines()).containsExactlyInAnyOrder(first.repoDigest(), pulled.repoDigest(), pulled.repoTag());
    }

    @Test
    void imagesOfOtherNamespacesAndOfOtherClientsAreNotTouched() throws Exception {
        push("team/app", "hello");
        containerd.ctr("other", "images", "pull", "--plain-http", reference("team/app"));
        ctr("images", "pull", "--plain-http", reference("team/app"));

        images.free(HashSet.empty());

        assertThat(containerd.ctr("other", "images", "ls", "-q").strip()).isEqualTo(reference("team/app"));
        assertThat(ctr("images", "ls", "-q").strip()).isEqualTo(reference("team/app"));
    }

    @Test
    void aFailedPullKeepsWhatCameUntilItIsFreed() throws Exception {
        OciImage image = push("team/app", "hello");
        String upper = image.layers().getLast().digest();
        damage(upper);

        var failure = catchThrowableOfType(DriverException.class, () -> pull(reference("team/app")));

        assertThat(failure.getMessage()).contains("content of the digest");
        assertThat(ctr("images", "ls", "-q")).isBlank();
        collect();
        assertThat(ctr("content", "ls", "-q")).contains(image.id()).doesNotContain(upper);
        images.free(HashSet.empty());
        assertThat(ctr("content", "ls", "-q")).isBlank();
        assertThat(ctr("leases", "ls", "-q")).isBlank();
        assertThat(ctr("content", "active").lines()).hasSize(1);
    }

    @Test
    void aDaemonThatIsAwayIsNamedAndFoundAgain() throws Exception {
        push("team/app", "hello");
        PulledImage pulled = pull(reference("team/app"));
        containerd.kill();

        var failure = catchThrowableOfType(DriverException.class, () -> pull(reference("team/app")));

        assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(failure.getMessage()).contains(containerd.socket().toString());
        assertThat(images.isIntact(pulled.id())).as("nobody can tell").isTrue();
        containerd.startAgain();
        assertThat(pull(reference("team/app"))).isEqualTo(pulled);
    }

    @Test
    void usageIsWhatContentAndLayersTake() throws Exception {
        push("team/app", "hello");
        PulledImage pulled = pull(reference("team/app"));

        var usage = images.usage();

        assertThat(usage.usedBytes()).isGreaterThan(pulled.sizeBytes());
        assertThat(usage.usedInodes()).isGreaterThan(100);
        assertThat(Path.of(usage.mountPoint())).isEqualTo(directory.resolve("containerd/root/io.containerd.snapshotter.v1.overlayfs"));
    }
}
