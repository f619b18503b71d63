package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.AuthConfig;
import io.cairn.proto.cri.FilesystemUsage;
import io.cairn.proto.cri.Image;
import io.cairn.proto.cri.ImageFsInfoRequest;
import io.cairn.testkit.Configs;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.OciImage;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ImageTest extends CriTest {
    @AfterEach
    void removeAllButTheCommonImage() {
        for (Image image : cri.listImages()) {
            if (!image.getRepoTagsList().contains(IMAGE)) {
                cri.removeImage(image.getId());
            }
        }
    }

    /** An image on the registry that shares its lowest layer with every other, and has one of its own. */
    private OciImage push(String name, String content) throws Exception {
        OciImage image = running.images.busybox().files(Map.of("www/content", content)).user("1000:1000").build();
        running.registry.push(image, name, "1");
        return image;
    }

    @Test
    void aPulledImageIsFoundByTagDigestAndId() throws Exception {
        OciImage pushed = push("found", "found");
        String tag = "cri.cairn.test/found:1";

        assertThat(cri.imageStatus(tag)).isEmpty();
        String id = cri.pull(tag);

        assertThat(id).isEqualTo(pushed.id());
        Image image = cri.imageStatus(tag).orElseThrow();
        assertThat(image.getId()).isEqualTo(pushed.id());
        assertThat(image.getRepoTagsList()).containsExactly(tag);
        assertThat(image.getRepoDigestsList()).containsExactly("cri.cairn.test/found@" + pushed.digest());
        assertThat(image.getSize()).isPositive();
        assertThat(image.getUid().getValue()).isEqualTo(1000);
        assertThat(cri.imageStatus("cri.cairn.test/found@" + pushed.digest())).contains(image);
        assertThat(cri.imageStatus(id)).contains(image);
        assertThat(cri.listImages()).contains(image);

        cri.removeImage(tag);
        cri.removeImage(tag);
        assertThat(cri.imageStatus(id)).isEmpty();
    }

    @Test
    void anImageIsPulledByDigest() throws Exception {
        OciImage pushed = push("by-digest", "by digest");
        String reference = "cri.cairn.test/by-digest@" + pushed.digest();

        assertThat(cri.pull(reference)).isEqualTo(pushed.id());
        assertThat(cri.imageStatus(reference).orElseThrow().getRepoTagsList()).isEmpty();
    }

    @Test
    void twoTagsOfOneImageAreOneImageUntilBothAreGone() throws Exception {
        OciImage pushed = push("twice", "twice");
        running.registry.push(pushed, "twice", "2");
        cri.pull("cri.cairn.test/twice:1");
        cri.pull("cri.cairn.test/twice:2");

        assertThat(cri.imageStatus(pushed.id()).orElseThrow().getRepoTagsList())
                .containsExactlyInAnyOrder("cri.cairn.test/twice:1", "cri.cairn.test/twice:2");
        assertThat(cri.listImages()).filteredOn(i -> i.getId().equals(pushed.id())).hasSize(1);
    }

    @Test
    void aTagThatMovesNamesTheNewImage() throws Exception {
        push("moving", "old");
        String old = cri.pull("cri.cairn.test/moving:1");
        OciImage fresh = push("moving", "new");

        assertThat(cri.pull("cri.cairn.test/moving:1")).isEqualTo(fresh.id()).isNotEqualTo(old);
        assertThat(cri.imageStatus("cri.cairn.test/moving:1").orElseThrow().getId()).isEqualTo(fresh.id());
        assertThat(cri.imageStatus(old).orElseThrow().getRepoTagsList()).isEmpty();
    }

    @Test
    void imagesThatShareLayersTakeTheirSpaceOnce() throws Exception {
        push("sharing", "a little");
        long before = usage().getUsedBytes().getValue();
        String id = cri.pull("cri.cairn.test/sharing:1");
        long added = usage().getUsedBytes().getValue() - before;

        long base = Files.size(Path.of("/bin/busybox"));
        assertThat(before).isGreaterThan(base);
        assertThat(added).isPositive().isLessThan(base / 2);

        cri.removeImage(id);
        assertThat(output(run("still"), shell("still", "echo here"))).as("the image that shares its layer").isEqualTo("here\n");
    }

    private FilesystemUsage usage() {
        return cri.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance()).getImageFilesystems(0);
    }

    @Test
    void theImageFileSystemIsTold() {
        var info = cri.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());

        assertThat(info.getImageFilesystemsList()).hasSize(1);
        assertThat(info.getContainerFilesystemsList()).hasSize(1);
        assertThat(Path.of(usage().getFsId().getMountpoint())).isDirectory();
        assertThat(usage().getInodesUsed().getValue()).isPositive();
        assertThat(usage().getTimestamp()).isPositive();
    }

    @Test
    void manyPullsOfOneImageAtATimeAreOnePull() throws Exception {
        OciImage pushed = push("popular", "popular");

        var pulls = Stream.generate(() -> CompletableFuture.supplyAsync(() -> cri.pull("cri.cairn.test/popular:1"))).limit(4).toList();
        assertThat(pulls).extracting(CompletableFuture::join).containsOnly(pushed.id());
    }

    @Test
    void aContainerGoesOnWhenItsImageIsRemoved() throws Exception {
        push("pulled-away", "stays");
        String image = cri.pull("cri.cairn.test/pulled-away:1");
        Pod pod = run("pulled-away");
        String id = start(pod, Configs.shell("stays", "cri.cairn.test/pulled-away:1", SLEEP));

        cri.removeImage(image);
        assertThat(cri.sh(id, "cat /www/content")).isEqualTo("stays");
    }

    @Test
    void aRegistryThatAsksForAnAccountIsToldItAndNobodyElseIs() throws Exception {
        OciImage image = running.images.busybox().files(Map.of("www/content", "secret")).build();
        running.lockedRegistry.push(image, "secret", "1");
        String reference = "locked.cairn.test/secret:1";

        assertRefusedWithoutTrace(Status.Code.PERMISSION_DENIED, () -> cri.pull(reference), "401", running.lockedRegistry.address());
        AuthConfig wrong = AuthConfig.newBuilder().setUsername(LoopbackRegistry.USER).setPassword("not this one").build();
        assertRefusedWithoutTrace(Status.Code.PERMISSION_DENIED, () -> cri.pull(reference, wrong), "401");
        AuthConfig right = AuthConfig.newBuilder().setUsername(LoopbackRegistry.USER).setPassword(LoopbackRegistry.PASSWORD).build();
        assertThat(cri.pull(reference, right)).isEqualTo(image.id());

        assertThat(Files.readString(node.daemonLog())).doesNotContain(LoopbackRegistry.PASSWORD, "not this one");
        assertThat(running.daemon.command("log", "-o", "json", "--show-env").orThrow()).doesNotContain(LoopbackRegistry.PASSWORD, "not this one");
    }

    @Test
    void contentThatIsNotWhatItsDigestSaysIsRefused() throws Exception {
        OciImage pushed = push("forged", "true");
        String digest = pushed.layers().getLast().digest();
        Path stored = node.root().resolve("registry/data/docker/registry/v2/blobs/sha256").resolve(digest.substring(7, 9)).resolve(digest.substring(7)).resolve("data");
        byte[] forged = Files.readAllBytes(stored);
        forged[forged.length / 2] ^= 1;
        Files.write(stored, forged);

        assertRefusedWithoutTrace(Status.Code.UNKNOWN, () -> cri.pull("cri.cairn.test/forged:1"), digest);
    }

    @Test
    void aRegistryThatDoesNotAnswerIsNamedWithTheError() throws Exception {
        assertRefusedWithoutTrace(Status.Code.UNAVAILABLE, () -> cri.pull("nobody.cairn.test/image:1"), "127.0.0.1:", "refused");
    }

    @Test
    void anImageThatIsNotThereIsNotFound() throws Exception {
        assertRefusedWithoutTrace(Status.Code.NOT_FOUND, () -> cri.pull("cri.cairn.test/never-pushed:1"), "cri.cairn.test/never-pushed:1");
    }
}
