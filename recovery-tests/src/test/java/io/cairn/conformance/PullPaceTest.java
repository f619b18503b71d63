package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.testkit.HesitantRegistry;
import io.cairn.testkit.OciImage;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How layers come: side by side, and not from a host that has fallen silent. */
final class PullPaceTest extends CriTest {
    private static final String NAME = "hesitant.cairn.test";
    /** The default of {@code images.max_parallel_layers}. */
    private static final int PARALLEL = 3;

    @AfterEach
    void removeTheImage() {
        cri.removeImage(NAME + "/image:1");
    }

    /** Above the one that every image here has, and that need not be brought again. */
    private OciImage image(int layers) throws Exception {
        var image = running.images.busybox();
        for (int i = 0; i < layers; i++) {
            image.files(Map.of("www/layer-" + i, "layer " + i));
        }
        return image.build();
    }

    @Test
    void asManyLayersAsAllowedComeSideBySide() throws Exception {
        OciImage image = image(2 * PARALLEL);
        var all = new CyclicBarrier(PARALLEL);
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        try (var registry = HesitantRegistry.start(image, layer -> {
            if (layer > 0) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                now.decrementAndGet();
            }
        })) {
            node.mirror(NAME, registry.url());
            assertThat(cri.pull(NAME + "/image:1")).isEqualTo(image.id());
            assertThat(most).hasValue(PARALLEL);
        }
    }

    @Test
    void aHostThatFallsSilentIsAskedForTheRestOnceMore() throws Exception {
        OciImage image = image(1);
        var asked = new AtomicInteger();
        var over = new CountDownLatch(1);
        try (var registry = HesitantRegistry.start(image, layer -> {
            if (layer > 0 && asked.incrementAndGet() == 1) {
                over.await();
            }
        })) {
            node.mirror(NAME, registry.url());
            assertThat(cri.pull(NAME + "/image:1")).isEqualTo(image.id());
            assertThat(asked).hasValue(2);
        } finally {
            over.countDown();
        }
    }
}
