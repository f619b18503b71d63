package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetachedMountTest {
    @TempDir
    Path dir;
    private Path source;
    private Path target;

    @BeforeEach
    void prepare() throws Exception {
        source = Files.createDirectory(dir.resolve("source"));
        target = Files.createDirectory(dir.resolve("target"));
        Files.setAttribute(Files.writeString(source.resolve("file"), "text"), "unix:uid", 7);
    }

    private void assertUnmounted() throws Exception {
        assertThat(Mounts.unmount(target)).isTrue();
        assertThat(Mounts.table()).noneMatch(entry -> entry.target().startsWith(dir));
    }

    @Test
    void aCopyIsSeenOnceItIsAttached() throws Exception {
        try (DetachedMount copy = DetachedMount.of(source)) {
            assertThat(copy.isDirectory()).isTrue();
            assertThat(Mounts.isMountPoint(target)).isFalse();
            copy.attach(target);
        }
        assertThat(target.resolve("file")).hasContent("text");
        assertUnmounted();
    }

    @Test
    void ownersAreThoseOfTheUserNamespace() throws Exception {
        Process holder = new ProcessBuilder("unshare", "--user", "cat").start();
        try (var closed = holder.getOutputStream(); DetachedMount copy = DetachedMount.of(source)) {
            closed.write('\n');
            closed.flush();
            assertThat(holder.getInputStream().read()).as("it has arrived").isEqualTo('\n');
            for (String map : new String[] {"uid_map", "gid_map"}) {
                Files.writeString(Path.of("/proc", Long.toString(holder.pid()), map), "0 300000 65536\n");
            }
            copy.mapOwners(Path.of("/proc", Long.toString(holder.pid()), "ns", "user"));
            copy.attach(target);
        }
        assertThat(Files.getAttribute(target.resolve("file"), "unix:uid")).isEqualTo(300_007);
        assertThat(Files.getAttribute(target.resolve("file"), "unix:gid")).isEqualTo(300_000);
        assertThat(Files.getAttribute(source.resolve("file"), "unix:uid")).isEqualTo(7);
        assertUnmounted();
        assertThat(holder.waitFor()).isZero();
    }

    @Test
    void whatCannotMapOwnersSaysSo() throws Exception {
        try (DetachedMount copy = DetachedMount.of(Path.of("/proc"))) {
            assertThatThrownBy(() -> copy.mapOwners(Path.of("/proc/self/ns/user"))).isInstanceOfSatisfying(LinuxException.class,
                    e -> assertThat(DetachedMount.isUnsupported(e)).as(e.getMessage()).isTrue());
        }
    }

    @Test
    void neitherLinksNorDotsLeadOutOfARoot() throws Exception {
        Files.createSymbolicLink(source.resolve("absolute"), target);
        Files.createSymbolicLink(source.resolve("climbing"), Path.of("../target"));
        Files.createSymbolicLink(source.resolve("inside"), Path.of("/file"));
        assertThat(DetachedMount.inRoot(source, "absolute")).isEmpty();
        assertThat(DetachedMount.inRoot(source, "climbing")).isEmpty();
        assertThat(DetachedMount.inRoot(source, "../target")).isEmpty();
        assertThat(DetachedMount.inRoot(source, "file/below")).isEmpty();

        Path file = Files.createFile(dir.resolve("at"));
        try (DetachedMount copy = DetachedMount.inRoot(source, "inside").orElseThrow()) {
            assertThat(copy.isDirectory()).isFalse();
            copy.attach(file);
        }
        assertThat(file).hasContent("text");
        assertThat(Mounts.unmount(file)).isTrue();
    }
}
