package io.cairn.images;

import static io.cairn.images.registry.FakeRegistry.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.FakeRegistry;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.linux.Mounts;
import io.vavr.control.Either;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls at the same time, pulls that fail, and what is left of them. */
class PullFailureTest {
    private static final long DEADLINE_SECONDS = 60;

    @TempDir
    Path dir;
    private FakeRegistry registry;
    private ImageStore store;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void open() throws IOException {
        // In memory: how pulls meet is tried here, and not how fast a disk syncs.
        Mounts.mount("tmpfs", dir, "tmpfs", 0, "size=64m");
        registry = FakeRegistry.start();
        store = ImageStore.open(dir.resolve("images"), RegistryOptions.defaults().withRetries(1, 1)).get();
    }

    @AfterEach
    void close() throws IOException {
        registry.close();
        threads.close();
        assertThat(dir.resolve("images/ingest")).isEmptyDirectory();
        store.close();
        Mounts.unmount(dir);
    }

    @Test
    void pullsAtTheSameTimeBringEachLayerOnce() throws Exception {
        byte[][] base = layers("base", 4);
        TestImage one = TestImage.of(with(base, "one"));
        TestImage two = TestImage.of(with(base, "two"));
        registry.with("app", "1", one).with("app", "2", two);
        int pulls = 8;
        var start = new CyclicBarrier(pulls);
        var results = new ArrayList<Future<Either<PullFailure, PulledImage>>>();
        for (int i = 0; i < pulls; i++) {
            String tag = i % 2 == 0 ? "1" : "2";
            results.add(threads.submit(() -> {
                start.await();
                return pull(tag);
            }));
        }
        for (var result : results) {
            right(result.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
        }
        for (TestImage image : List.of(one, two)) {
            for (Digest layer : image.layers) {
                assertThat(registry.count("GET", "/blobs/" + layer)).isEqualTo(1);
            }
        }
    }

    @Test
    void aPullThatFailsLeavesItsLayersToTheOneThatWaits() throws Exception {
        TestImage image = TestImage.of(layers("l", 3));
        registry.with("app", "1", image);
        String middle = "/v2/app/blobs/" + image.layers.get(1);
        var asked = new CountDownLatch(1);
        var secondIsWaiting = new CountDownLatch(1);
        registry.onFirst(1, middle, exchange -> {
            asked.countDown();
            await(secondIsWaiting);
            answer(exchange, 500, "");
        });
        var first = threads.submit(() -> pull("1"));
        await(asked);
        var waiter = new CompletableFuture<Thread>();
        var second = threads.submit(() -> {
            waiter.complete(Thread.currentThread());
            return pull("1");
        });
        awaitTrue(() -> waiter.isDone() && waiter.join().getState() == Thread.State.WAITING && registry.count("HEAD", "/manifests/1") == 2);
        secondIsWaiting.countDown();
        assertThat(first.get(DEADLINE_SECONDS, TimeUnit.SECONDS).isLeft()).isTrue();
        right(second.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
        assertThat(registry.count("GET", "/blobs/" + image.layers.get(1))).isEqualTo(2);
    }

    @Test
    void onlyAFewLayersAreDownloadedAtATime() throws Exception {
        TestImage image = TestImage.of(layers("l", 10));
        registry.with("app", "1", image);
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        var full = new CountDownLatch(RegistryOptions.defaults().parallelLayers());
        for (Digest layer : image.layers) {
            registry.on("/v2/app/blobs/" + layer, exchange -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                full.countDown();
                await(full);
                now.decrementAndGet();
                registry.serve(exchange);
            });
        }
        right(pull("1"));
        assertThat(most).hasValue(RegistryOptions.defaults().parallelLayers());
    }

    @Test
    void anInterruptEndsAPullAndLeavesNothingHalf() throws Exception {
        TestImage image = TestImage.of(layers("l", 3));
        registry.with("app", "1", image);
        var stalled = new CountDownLatch(1);
        registry.on("/v2/app/blobs/" + image.layers.getLast(), exchange -> {
            stalled.countDown();
            registry.stallAfter(exchange, 1);
        });
        var result = new CompletableFuture<Either<PullFailure, PulledImage>>();
        Thread thread = Thread.ofVirtual().start(() -> result.complete(pull("1")));
        await(stalled);
        thread.interrupt();
        assertThat(result.get(DEADLINE_SECONDS, TimeUnit.SECONDS).getLeft()).isInstanceOf(PullFailure.Cancelled.class);
        assertThat(dir.resolve("images/ingest")).isEmptyDirectory();
        store.sweep(Set.of());
        assertThat(dir.resolve("images/layers")).isEmptyDirectory();
    }

    @Test
    void theFirstLayerThatFailsEndsThePull() throws Exception {
        TestImage image = TestImage.of(layers("l", 3));
        registry.with("app", "1", image);
        registry.on("/v2/app/blobs/" + image.layers.getFirst(), exchange -> registry.stallAfter(exchange, 1));
        registry.on("/v2/app/blobs/" + image.layers.getLast(), exchange -> answer(exchange, 404, ""));
        assertThat(pull("1").getLeft().message()).contains(image.layers.getLast().toString()).contains("404");
    }

    @Test
    void anImageAtFaultIsToldFromARegistryAtFault() {
        registry.with("app", "unsafe", TestImage.of(Tar.of(Tar.file("../evil", "x"))));
        PullFailure unsafe = pull("unsafe").getLeft();
        assertThat(unsafe).isInstanceOf(PullFailure.BadImage.class);
        assertThat(unsafe.message()).contains("../evil");
        TestImage sound = TestImage.of(Tar.of(Tar.file("f", "x")), Tar.of(Tar.file("g", "y")));
        for (String[] change : new String[][] {{"\"sha256:[0-9a-f]+\",", ""}, {"sha256:[0-9a-f]+", "sha256:" + "0".repeat(64)},
                {"sha256", "md5"}, {"\\[", "{"}}) {
            String config = new String(sound.blobs.get(sound.configDigest)).replaceFirst(change[0], change[1]);
            byte[] manifest = new String(sound.manifest).replace(TestImage.descriptor("application/vnd.docker.container.image.v1+json",
                    sound.blobs.get(sound.configDigest)),
                            TestImage.descriptor("application/vnd.docker.container.image.v1+json", config.getBytes())).getBytes();
            registry.with("app", "ok", sound).with("app", "bad", sound.manifestType, manifest);
            registry.on("/v2/app/blobs/" + Digest.of(config.getBytes()), exchange -> answer(exchange, 200, config));
            PullFailure failure = pull("bad").getLeft();
            assertThat(failure).as(failure.message()).isInstanceOf(PullFailure.BadImage.class);
            assertThat(failure.message()).doesNotContain("\n");
        }
        right(pull("ok"));
    }

    @Test
    void progressIsToldForEachLayer() {
        TestImage image = TestImage.of(Tar.of(Tar.file("a", "x")), Tar.of(Tar.entry("b", Tar.FILE).content(new byte[500_000])));
        registry.with("app", "1", image);
        var told = Collections.synchronizedList(new ArrayList<String>());
        var progress = new PullProgress() {
            @Override
            public void downloaded(Digest layer, long receivedBytes, long totalBytes) {
                assertThat(totalBytes).isEqualTo(image.blobs.get(layer).length);
                if (receivedBytes == totalBytes) {
                    told.add("downloaded " + layer);
                }
            }

            @Override
            public void unpacked(Digest layer) {
                told.add("unpacked " + layer);
            }

            @Override
            public void present(Digest layer) {
                told.add("present " + layer);
            }
        };
        var reference = ImageReference.parse(registry.address() + "/app:1").get();
        right(store.pull(reference, Credentials.anonymous(), progress));
        assertThat(told).containsExactlyInAnyOrder("downloaded " + image.layers.get(0), "downloaded " + image.layers.get(1),
                "unpacked " + image.layers.get(0), "unpacked " + image.layers.get(1));
        told.clear();
        right(store.pull(reference, Credentials.anonymous(), progress));
        assertThat(told).containsExactly("present " + image.layers.get(0), "present " + image.layers.get(1));
        assertThat(registry.count("HEAD", "/manifests/1")).isEqualTo(2);
        assertThat(registry.count("GET", "/manifests/")).as("an unmoved tag costs one HEAD").isEqualTo(1);
    }

    @Test
    void sweepsWhilePullingTakeNothingThatIsNeeded() throws Exception {
        long seed = System.nanoTime();
        byte[][] base = layers("base", 2);
        int images = 6;
        for (int i = 0; i < images; i++) {
            registry.with("app", "" + i, TestImage.of(with(base, "top" + i)));
        }
        var pulling = new AtomicInteger(3);
        var pullers = new ArrayList<Future<?>>();
        for (int thread = 0; thread < 3; thread++) {
            var random = new Random(seed + thread);
            int own = 2 * thread;
            pullers.add(threads.submit(() -> {
                try {
                    for (int i = 0; i < 8; i++) {
                        StoredImage image = right(pull("" + (own + random.nextInt(2)))).image();
                        String key = "s" + random.nextLong(Long.MAX_VALUE);
                        assertThat(store.snapshots().prepare(key, image.chainIds()).isRight()).as("seed " + seed).isTrue();
                        store.forget(image.imageId());
                        assertThat(store.snapshots().view(key, image.chainIds()).getLeft().kind()).isEqualTo(StoreFailure.Kind.CONFLICT);
                        assertThat(layersOf(image)).as("seed " + seed).allMatch(Files::isDirectory);
                        assertThat(store.snapshots().remove(key).isRight()).isTrue();
                    }
                } finally {
                    pulling.decrementAndGet();
                }
                return null;
            }));
        }
        while (pulling.get() > 0) {
            assertThat(store.sweep(Set.of()).isRight()).isTrue();
        }
        for (Future<?> puller : pullers) {
            puller.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(store.sweep(Set.of()).get().inodes()).as("seed " + seed).isZero();
    }

    private List<Path> layersOf(StoredImage image) {
        return image.chainIds().map(chainId -> dir.resolve("images/layers/sha256-" + chainId.hex() + "/fs")).asJava();
    }

    private Either<PullFailure, PulledImage> pull(String tag) {
        return store.pull(ImageReference.parse(registry.address() + "/app:" + tag).get(), Credentials.anonymous(), PullProgress.NONE);
    }

    private static byte[][] layers(String name, int count) {
        return Stream.iterate(0, i -> i + 1).limit(count).map(i -> Tar.of(Tar.file(name + i, name + i))).toArray(byte[][]::new);
    }

    private static byte[][] with(byte[][] base, String top) {
        return Stream.concat(Stream.of(base), Stream.of(Tar.of(Tar.file(top, top)))).toArray(byte[][]::new);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitTrue(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static <T> T right(Either<PullFailure, T> either) {
        return either.getOrElseThrow(failure -> new AssertionError(failure.message()));
    }
}
