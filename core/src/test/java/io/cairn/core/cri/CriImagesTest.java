package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.InMemory;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.ImageStatusRequest;
import io.cairn.proto.cri.RemoveImageRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls beside removals, what is left of pulls that failed, and what is counted. */
class CriImagesTest {
    @TempDir(factory = InMemory.class) Path temp;

    private CriFixture cri;

    @BeforeEach
    void start() throws Exception {
        cri = new CriFixture(temp);
    }

    @AfterEach
    void end() throws Exception {
        cri.close();
    }

    private static ImageSpec image(String name) {
        return ImageSpec.newBuilder().setImage(name).build();
    }

    private void remove(String name) {
        cri.images().removeImage(RemoveImageRequest.newBuilder().setImage(image(name)).build());
    }

    private boolean isHere(String name) {
        return cri.images().imageStatus(ImageStatusRequest.newBuilder().setImage(image(name)).build()).hasImage();
    }

    @Test
    void imagesAreRemovedWhileAPullTakesItsTime() throws Exception {
        cri.pull("old");
        var hangs = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        cri.world.next("pull", id -> {
            hangs.countDown();
            await(goOn);
        });
        var pull = CompletableFuture.supplyAsync(() -> cri.pull("slow"));
        await(hangs);
        remove("old");
        assertThat(isHere("old")).isFalse();
        goOn.countDown();
        pull.get(30, TimeUnit.SECONDS);
        assertThat(isHere("slow")).isTrue();
    }

    @Test
    void anImageThatWasRemovedWhileItWasPulledIsNotSaidToBeHere() {
        cri.world.next("pullEnds", cri.world::damage);
        var refusal = catchThrowableOfType(StatusRuntimeException.class, () -> cri.pull("app"));
        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal.getStatus().getDescription()).contains("docker.io/library/app:latest").contains("removed");
        assertThat(isHere("app")).isFalse();
        cri.pull("app");
        assertThat(isHere("app")).isTrue();
    }

    @Test
    void whatAFailedPullLeavesIsFreedAndNothingElse() {
        String id = cri.pull("app");
        var kept = new AtomicReference<String>();
        cri.world.next("free", kept::set);
        catchThrowableOfType(StatusRuntimeException.class, () -> cri.pull("missing"));
        Eventually.holds("it is freed", () -> kept.get() != null);
        assertThat(kept).hasValue(id);
    }

    @Test
    void callsPullsAndSyncsAreCounted() {
        cri.pull("app");
        catchThrowableOfType(StatusRuntimeException.class, () -> cri.pull("missing"));
        assertThat(cri.metrics.calls).containsExactly("PullImage OK", "PullImage NOT_FOUND");
        assertThat(cri.metrics.pulls).containsExactly("ok", "not_found");
        assertThat(cri.metrics.pulledBytes).hasValue(4096);
        assertThat(cri.metrics.syncs.get()).isGreaterThanOrEqualTo(4);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
