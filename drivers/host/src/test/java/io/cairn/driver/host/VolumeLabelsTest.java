package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.DriverException;
import io.cairn.linux.OpenFile;
import io.cairn.linux.Tree;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The attribute can be written and read on kernels without SELinux, too. */
class VolumeLabelsTest {
    private static final String LABEL = "system_u:object_r:container_file_t:s0:c1,c2";

    @TempDir
    Path dir;

    private static String label(Path file) throws Exception {
        try (Tree parent = Tree.open(file.getParent()); OpenFile open = parent.read(file.getFileName().toString().getBytes(StandardCharsets.UTF_8))) {
            return open.xattr("security.selinux").map(v -> new String(v, StandardCharsets.US_ASCII)).orElse("");
        }
    }

    private static ContainerConfig mounting(Path path, boolean relabel) {
        return ContainerConfig.newBuilder().addMounts(Mount.newBuilder().setHostPath(path.toString()).setContainerPath("/v")
                .setSelinuxRelabel(relabel)).build();
    }

    @Test
    void everyFileOfAVolumeHasTheLabelAndWhatLinksLeadToHasNot() throws Exception {
        Path volume = Files.createDirectories(dir.resolve("volume/a/b")).getParent().getParent();
        Path deep = Files.createFile(volume.resolve("a/b/file"));
        Path outside = Files.createFile(dir.resolve("outside"));
        Files.createSymbolicLink(volume.resolve("link"), outside);
        Files.createSymbolicLink(dir.resolve("way"), volume);
        VolumeLabels.apply(mounting(dir.resolve("way"), true), Option.some(LABEL));
        assertThat(label(deep)).isEqualTo(LABEL + "\0");
        assertThat(label(volume.resolve("a/b"))).isEqualTo(LABEL + "\0");
        assertThat(label(outside)).isEmpty();
        VolumeLabels.apply(mounting(outside, true), Option.some(LABEL));
        assertThat(label(outside)).as("a single file").isEqualTo(LABEL + "\0");
    }

    @Test
    void nothingIsLabelledUnlessItIsAskedForAndThereIsALabel() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        VolumeLabels.apply(mounting(file, false), Option.some(LABEL));
        VolumeLabels.apply(mounting(file, true), Option.none());
        assertThat(label(file)).isEmpty();
    }

    @Test
    void theNodesOwnDirectoriesKeepTheirs() {
        for (String path : new String[] {"/", "/etc", "/usr/../usr", "/var/lib/"}) {
            assertThatThrownBy(() -> VolumeLabels.apply(mounting(Path.of(path), true), Option.some(LABEL))).isInstanceOf(DriverException.class)
                    .hasMessageContaining("belongs to the node");
        }
    }
}
