package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.MountPropagation;
import io.cairn.testkit.DriverUnderTest.Feature;
import io.cairn.testkit.Tool;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Images as volumes, and volumes that are read-only all the way down. */
final class VolumeTest extends CriTest {
    private static Mount.Builder image(String image) {
        return Mount.newBuilder().setContainerPath("/v").setReadonly(true).setImage(ImageSpec.newBuilder().setImage(image));
    }

    private String published(String name) throws Exception {
        String image = running.publish(name, running.images.busybox().files(Map.of("data/model", "weights\n", "data/tool", "#!/bin/sh\necho ran\n")));
        cri.pull(image);
        return image;
    }

    /** Where the backend cannot mount images. */
    private boolean areRefused(Pod pod, Mount.Builder mount) throws Exception {
        boolean can = node.driver().can(Feature.IMAGE_VOLUMES);
        if (!can) {
            assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, sleeping("refused").addMounts(mount)), node.driver().name(),
                    "image as a volume");
        }
        return !can;
    }

    @Test
    void anImageCanBeReadAndRunFromButNotWrittenTo() throws Exception {
        String image = published("volume");
        Pod pod = run("reader");
        if (areRefused(pod, image(image))) {
            return;
        }
        String id = start(pod, sleeping("reader").addMounts(image(image)));

        assertThat(cri.sh(id, "cat /v/data/model && /v/data/tool")).isEqualTo("weights\nran\n");
        assertThat(cri.sh(id, "touch /v/new 2>&1 || echo refused")).contains("Read-only file system", "refused");
        Mount shown = cri.containerStatus(id).getMounts(0);
        assertThat(shown.getImage().getImageRef()).isEqualTo(cri.imageStatus(image).orElseThrow().getId());
        cri.removeImage(image);
        assertThat(cri.sh(id, "cat /v/data/model")).as("as long as it is used").isEqualTo("weights\n");
    }

    @Test
    void aPartOfAnImageIsAllThatIsSeenOfIt() throws Exception {
        String image = published("part");
        Pod pod = run("part");
        if (areRefused(pod, image(image).setImageSubPath("data"))) {
            return;
        }

        assertThat(output(pod, shell("directory", "ls /v").addMounts(image(image).setImageSubPath("data")))).isEqualTo("model\ntool\n");
        assertThat(output(pod, shell("file", "cat /v").addMounts(image(image).setImageSubPath("data/model")))).isEqualTo("weights\n");
        cri.removeImage(image);
    }

    @Test
    void whatIsNotInTheImageIsRefused() throws Exception {
        String image = published("climber");
        Pod pod = run("climber");

        if (!areRefused(pod, image(image).setImageSubPath("no-such"))) {
            for (String path : new String[] {"no-such", "../../../../etc/shadow", "data/model/x"}) {
                assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT,
                        () -> create(pod, sleeping("climber").addMounts(image(image).setImageSubPath(path))), "ImageVolumeMountFailed");
            }
        }
        assertRefusedWithoutTrace(Status.Code.NOT_FOUND, () -> create(pod, sleeping("unknown").addMounts(image("cri.cairn.test/unknown:1"))),
                "unknown:1");
        assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT,
                () -> create(pod, sleeping("writer").addMounts(image(image).setReadonly(false))), "readonly");
        cri.removeImage(image);
    }

    @Test
    void recursivelyReadOnlyIsReadOnlyBelowMountsToo() throws Exception {
        Path volume = Files.createDirectories(node.logDirectory("deep").resolve("volume"));
        Path inner = Files.createDirectory(volume.resolve("inner"));
        Tool.run("mount", "-t", "tmpfs", "-o", "size=1m", "cairn-inner", inner.toString()).orThrow();
        try {
            Pod pod = run("deep");
            Mount.Builder mount = Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/v").setReadonly(true);
            String touch = "touch /v/a 2>/dev/null && echo outer; touch /v/inner/a 2>/dev/null && echo inner; echo done";

            assertThat(output(pod, shell("plain", touch).addMounts(mount))).isEqualTo("inner\ndone\n");
            mount.setRecursiveReadOnly(true);
            boolean can = node.driver().can(Feature.RECURSIVE_READ_ONLY);
            if (can) {
                assertThat(output(pod, shell("recursive", touch).addMounts(mount))).isEqualTo("done\n");
            } else {
                assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> create(pod, shell("recursive", touch).addMounts(mount)), "/v");
            }
            assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT,
                    () -> create(pod, sleeping("writable").addMounts(mount.clone().setReadonly(false))), "/v");
            assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, sleeping("propagating").addMounts(
                    mount.clone().setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER))), "/v");
            assertThat(cri.status().getRuntimeHandlersList()).anyMatch(h -> h.getName().isEmpty()
                    && h.getFeatures().getRecursiveReadOnlyMounts() == can);
            cri.removePod(pod.id());
        } finally {
            Tool.run("umount", inner.toString()).orThrow();
        }
    }

    @Test
    void propagationNeedsAMountThatPropagates() throws Exception {
        Path volume = Files.createDirectories(node.logDirectory("lonely").resolve("volume"));
        Tool.run("mount", "-t", "tmpfs", "-o", "size=1m", "cairn-lonely", volume.toString()).orThrow();
        try {
            Tool.run("mount", "--make-private", volume.toString()).orThrow();
            Pod pod = run("lonely");
            for (MountPropagation asked : new MountPropagation[] {
                    MountPropagation.PROPAGATION_HOST_TO_CONTAINER, MountPropagation.PROPAGATION_BIDIRECTIONAL}) {
                assertRefusedWithoutTrace(Status.Code.INVALID_ARGUMENT, () -> create(pod, sleeping("lonely").addMounts(Mount.newBuilder()
                        .setHostPath(volume.toString()).setContainerPath("/v").setPropagation(asked))), volume.toString());
            }
        } finally {
            Tool.run("umount", volume.toString()).orThrow();
        }
    }
}
