package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountsTest {
    @Test
    void aMountAppearsInTheTableAndGoesAway(@TempDir Path dir) throws Exception {
        Path target = Files.createDirectory(dir.resolve("with space"));
        Mounts.mount("tmpfs", target, "tmpfs", Mounts.MS_NOSUID, "size=64k");
        try {
            assertThat(Mounts.isMountPoint(target)).isTrue();
        } finally {
            assertThat(Mounts.unmount(target)).isTrue();
        }
        assertThat(Mounts.isMountPoint(target)).isFalse();
        assertThat(Mounts.unmount(target)).as("a second time there is nothing to do").isFalse();
    }

    @Test
    void aFileSystemOnItselfAndAFileAreMountPointsTooAndALinkToOneIsNot(@TempDir Path dir) throws Exception {
        Path directory = Files.createDirectory(dir.resolve("directory"));
        Path file = Files.createFile(dir.resolve("file"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), directory);
        for (Path target : List.of(directory, file)) {
            assertThat(Mounts.isMountPoint(target)).isFalse();
            Mounts.bind(target, target);
            try {
                assertThat(Mounts.isMountPoint(target)).isTrue();
                assertThat(Mounts.isMountPoint(link)).isFalse();
            } finally {
                assertThat(Mounts.unmount(target)).isTrue();
            }
        }
        assertThat(Mounts.isMountPoint(Files.createDirectory(directory.resolve("in it")))).isFalse();
        assertThat(Mounts.isMountPoint(dir.resolve("absent"))).isFalse();
        assertThat(Mounts.isMountPoint(file.resolve("below a file"))).isFalse();
        assertThat(Mounts.isMountPoint(Path.of("/proc"))).isTrue();
    }

    @Test
    void aKernelThatDoesNotSayIsNotTakenToSayNo() {
        byte[] statx = new byte[FileStat.SIZE_OF_STATX];
        assertThat(FileStat.isMountRoot(statx)).isEmpty();
        statx[57] = 0x20;
        assertThat(FileStat.isMountRoot(statx)).contains(false);
        statx[9] = 0x20;
        assertThat(FileStat.isMountRoot(statx)).contains(true);
    }

    @Test
    void aFailureNamesTheCallTheArgumentsAndTheReason(@TempDir Path dir) {
        assertThatThrownBy(() -> Mounts.bind(dir.resolve("absent"), dir))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("mount(")
                .hasMessageContaining(dir.resolve("absent").toString())
                .hasMessageContaining("ENOENT");
    }

    @Test
    void optionalFieldsBeforeTheDashDoNotShiftTheRest() throws Exception {
        var entry = Mounts.parse("36 35 98:0 / /mnt/a\\040b rw,noatime master:1 shared:2 - ext4 /dev/root rw,errors=continue");
        assertThat(entry).isEqualTo(new Mounts.Entry(Path.of("/mnt/a b"), "ext4", "/dev/root"));
    }

    @Test
    void whatTheKernelWritesAsDigitsIsReadOnce() throws Exception {
        var entry = Mounts.parse("36 35 0:9 / /a\\011b\\012\\134040 rw - overlay /no\\0431\\134$1 rw");
        assertThat(entry).isEqualTo(new Mounts.Entry(Path.of("/a\tb\n\\040"), "overlay", "/no#1\\$1"));
    }
}
