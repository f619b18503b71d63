package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.conformance.SharedNode.Running;
import io.cairn.proto.cri.AuthConfig;
import io.cairn.proto.cri.FilesystemUsage;
import io.cairn.proto.cri.Image;
import io.cairn.proto.cri.ImageFsInfoRequest;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.OciImage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
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

    /** The kubelet finds the images in use by what ListContainers says, and shows what ContainerStatus says (kuberuntime). */
    @Test
    void everyCallNamesAnImageTheSameWay() throws Exception {
        OciImage pushed = push("named", "named");
        String id = cri.pull("cri.cairn.test/named:1");
        String digest = "cri.cairn.test/named@" + pushed.digest();
        Pod pod = run("named");

        for (String reference : List.of("cri.cairn.test/named:1", digest, id, id.substring("sha256:".length()))) {
            assertThat(cri.pull("cri.cairn.test/named:1")).isEqualTo(id);
            assertThat(cri.imageStatus(reference).orElseThrow().getId()).isEqualTo(id);
            String container = create(pod, Configs.shell("by-" + reference.hashCode(), reference, "true"));
            var listed = cri.containers().stream().filter(c -> c.getId().equals(container)).findFirst().orElseThrow();
            assertThat(listed.getImageId()).isEqualTo(id);
            assertThat(listed.getImageRef()).isEqualTo(id);
            assertThat(listed.getImage().getImage()).isEqualTo(reference);
            var status = cri.containerStatus(container);
            assertThat(status.getImageId()).isEqualTo(id);
            assertThat(status.getImageRef()).isEqualTo(digest);
            assertThat(status.getImage().getImage()).isEqualTo("cri.cairn.test/named:1");
        }
        assertThat(cri.listImages()).filteredOn(i -> i.getRepoTagsList().contains("cri.cairn.test/named:1")).extracting(Image::getId).containsExactly(id);
    }

    /** Being pinned keeps the kubelet from removing an image, and not an operator. */
    @Test
    void aPinnedImageIsShownSoAndCanBeRemovedAllTheSame() throws Exception {
        push("pinned", "pinned");
        push("loose", "loose");
        String id = cri.pull(Running.PINNED);
        cri.pull("cri.cairn.test/loose:1");

        assertThat(cri.imageStatus(Running.PINNED).orElseThrow().getPinned()).isTrue();
        assertThat(cri.listImages()).filteredOn(Image::getPinned).extracting(Image::getId).containsExactly(id);
        cri.removeImage(Running.PINNED);
        assertThat(cri.imageStatus(id)).isEmpty();
    }

    @Test
    void anImageThatAVerifierRefusesIsNotPulled() throws Exception {
        OciImage pushed = push("unsigned", "unsigned");
        long before = usedByWholeImages();

        // The kubelet knows the reason by these words at the beginning, which it finds only under this code.
        var refusal = catchThrowableOfType(StatusRuntimeException.class, () -> cri.pull("cri.cairn.test/unsigned:1"));
        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
        assertThat(refusal.getStatus().getDescription()).startsWith("SignatureValidationFailed: ")
                .contains("cri.cairn.test/unsigned:1", "verifiers/signed", "no signature for " + pushed.digest());
        assertThat(cri.imageStatus("cri.cairn.test/unsigned:1")).isEmpty();
        assertThat(usage().getUsedBytes().getValue()).isEqualTo(before);
    }

    @Test
    void whatAFailedPullHasBroughtIsFreedAfterAWhile() throws Exception {
        OciImage whole = running.images.busybox().files(Map.of("a", "first layer")).files(Map.of("b", "second layer")).build();
        // The lower layers are sound and unpacked before the last one turns out to be another than its configuration says.
        String wrong = new String(whole.config().bytes(), StandardCharsets.UTF_8).replaceFirst("sha256:[0-9a-f]{64}\"\\]", "sha256:" + "0".repeat(64) + "\"]");
        var config = new OciImage.Blob(whole.config().mediaType(), wrong.getBytes(StandardCharsets.UTF_8));
        String manifest = new String(whole.manifest().bytes(), StandardCharsets.UTF_8).replace(whole.config().digest(), config.digest())
                .replace("\"size\":" + whole.config().bytes().length, "\"size\":" + config.bytes().length);
        running.registry.push(new OciImage(new OciImage.Blob(whole.manifest().mediaType(), manifest.getBytes(StandardCharsets.UTF_8)), config,
                whole.layers()), "half", "1");
        long before = usedByWholeImages();

        assertRefused(Status.Code.UNKNOWN, () -> cri.pull("cri.cairn.test/half:1"), "cri.cairn.test/half:1", "0".repeat(64));
        Await.until("the layers of the failed pull are freed", PATIENCE, () -> usage().getUsedBytes().getValue() == before);
        assertThat(output(run("sound"), shell("sound", "echo here"))).as("the image that shares a layer with it").isEqualTo("here\n");
    }

    @Test
    void pullsAreCountedForPrometheus() throws Exception {
        OciImage pushed = push("counted", "counted");
        long before = receivedBytes();
        cri.pull("cri.cairn.test/counted:1");

        assertThat(receivedBytes() - before).as("the shared layer is here already").isEqualTo(pushed.layers().getLast().bytes().length);
        assertThat(metrics()).contains("cairn_pull_duration_seconds_count{outcome=\"ok\"}")
                .contains("cairn_calls_total{method=\"PullImage\",status=\"OK\"}")
                .contains("cairn_journal_sync_duration_seconds_count");
    }

    private long receivedBytes() throws Exception {
        return metrics().lines().filter(line -> line.startsWith("cairn_pull_received_bytes_total "))
                .mapToLong(line -> (long) Double.parseDouble(line.split(" ")[1])).findFirst().orElseThrow();
    }

    private String metrics() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(running.metrics).build(), BodyHandlers.ofString()).body();
        }
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
        long before = usedByWholeImages();
        String id = cri.pull("cri.cairn.test/sharing:1");
        long added = usage().getUsedBytes().getValue() - before;

        long base = Files.size(Path.of("/bin/busybox"));
        assertThat(before).isGreaterThan(base);
        assertThat(added).isPositive().isLessThan(base / 2);

        cri.removeImage(id);
        assertThat(output(run("still"), shell("still", "echo here"))).as("the image that shares its layer").isEqualTo("here\n");
    }

    /** What pulls that failed have left goes by itself after a while, or with the next image: so that it does not go meanwhile. */
    private long usedByWholeImages() throws Exception {
        push("aside", "aside");
        cri.pull("cri.cairn.test/aside:1");
        cri.removeImage("cri.cairn.test/aside:1");
        return usage().getUsedBytes().getValue();
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

        AuthConfig tokens = AuthConfig.newBuilder().setIdentityToken("an-identity-token").setRegistryToken("a-registry-token")
                .setServerAddress("locked.cairn.test").build();
        assertThatThrownBy(() -> cri.pull(reference, tokens)).isInstanceOf(StatusRuntimeException.class);

        var secrets = List.of(LoopbackRegistry.PASSWORD, "not this one", "an-identity-token", "a-registry-token",
                base64(LoopbackRegistry.USER + ":" + LoopbackRegistry.PASSWORD), base64(LoopbackRegistry.USER + ":not this one"));
        assertThat(running.daemon.command("log", "-o", "json", "--show-env").orThrow()).doesNotContain(secrets);
        assertThat(running.daemon.command("log", "-o", "json", "--access").orThrow()).doesNotContain(secrets);
        assertThat(filesWith(secrets)).isEmpty();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whatever the daemon has written: log, journals, projection, images. The registries know their own account. What is taken away meanwhile has nothing. */
    private List<String> filesWith(List<String> secrets) throws IOException {
        var found = new ArrayList<String>();
        Files.walkFileTree(node.root(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                boolean isOthers = node.driver().isBackendsMount(directory) || node.root().relativize(directory).getName(0).toString().contains("registry");
                return isOthers ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile() && !node.driver().isBackendsMount(file)) {
                    String content = content(file);
                    secrets.stream().filter(content::contains).forEach(secret -> found.add(file + " has " + secret));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private static String content(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    @Test
    void contentThatIsNotWhatItsDigestSaysIsRefused() throws Exception {
        OciImage pushed = push("forged", "true");
        String digest = pushed.layers().getLast().digest();
        Path stored = running.registry.blob(digest);
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
