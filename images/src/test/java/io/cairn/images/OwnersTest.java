package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.LinuxException;
import io.cairn.linux.Mounts;
import io.cairn.linux.OpenFile;
import io.cairn.linux.Tree;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots for users of their own, shown so by the kernel or, where it cannot, given to them. */
class OwnersTest {
    private static final Option<Owners> OWNERS = Option.some(new Owners(300_000, 65_536, 400_000, 65_536));
    /** A file capability (capabilities(7), "File capability extended attribute versioning"): cap_net_raw, permitted and effective. */
    private static final byte[] NET_RAW = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    @TempDir
    Path dir;
    private Layers layers;
    private Path target;
    private Process holder;
    private Option<Path> namespace;

    @BeforeEach
    void open() throws Exception {
        target = Files.createDirectory(dir.resolve("target"));
        layers = new Layers(dir.resolve("store"));
        layers.add(Tar.of(Tar.dir("./").mode(0711).owner(12, 34), Tar.dir("d/").mode(0750).owner(1, 2), Tar.file("d/f", "below").owner(3, 4),
                Tar.file("program", "x").mode(04755), Tar.hardLink("d/same", "program"), Tar.symlink("link", "program").owner(5, 6),
                Tar.file("stranger", "x").owner(70_000, 70_000)));
        try (Tree fs = Tree.open(layers.fs(0)); OpenFile file = fs.read("program".getBytes(StandardCharsets.UTF_8))) {
            file.setXattr("security.capability", NET_RAW);
        }
        layers.add(Tar.of(Tar.file("upper", "x")));
        holder = new ProcessBuilder("unshare", "--user", "cat").start();
        holder.getOutputStream().write('\n');
        holder.getOutputStream().flush();
        assertThat(holder.getInputStream().read()).as("it has arrived").isEqualTo('\n');
        Files.writeString(Path.of("/proc", Long.toString(holder.pid()), "uid_map"), "0 300000 65536\n");
        Files.writeString(Path.of("/proc", Long.toString(holder.pid()), "gid_map"), "0 400000 65536\n");
        namespace = Option.some(Path.of("/proc", Long.toString(holder.pid()), "ns", "user"));
    }

    @AfterEach
    void close() throws Exception {
        layers.close();
        holder.destroyForcibly().waitFor();
        assertThat(Mounts.table()).noneMatch(entry -> entry.target().startsWith(dir));
    }

    private Snapshots incapable() {
        return new Snapshots(layers.parts, (source, userNamespace, shown) -> {
            throw new LinuxException("mount_setattr", source.toString(), Errno.EINVAL.intValue());
        });
    }

    @Test
    void theKernelShowsTheFilesUnderTheirOwners() throws IOException {
        right(layers.snapshots.prepare("c", layers.chainIds(), OWNERS));
        right(layers.snapshots.mount("c", target, false, namespace));
        assertOwned();
        assertThat(dir.resolve("store/snapshots/c/fs").toFile().list()).as("nothing is copied").isEmpty();
        assertThat(Mounts.table()).filteredOn(entry -> entry.target().startsWith(dir)).hasSize(1);
        Files.writeString(target.resolve("d/f"), "written");
        assertOwner("d/f", 300_003, 400_004);
        assertThat(layers.fs(0).resolve("d/f")).hasContent("below");
    }

    @Test
    void whereTheKernelCannotEachFileIsGivenToItsOwner() throws IOException {
        Snapshots snapshots = incapable();
        right(snapshots.prepare("c", layers.chainIds(), OWNERS));
        right(snapshots.mount("c", target, false, namespace));
        assertOwned();
        assertThat(Files.getAttribute(layers.fs(0).resolve("program"), "unix:uid")).as("the layer itself").isEqualTo(0);
        right(snapshots.unmount("c"));
        right(snapshots.mount("c", target, true, namespace));
        assertOwned();
    }

    private void assertOwned() throws IOException {
        assertOwner("", 300_012, 400_034);
        assertOwner("d", 300_001, 400_002);
        assertOwner("d/f", 300_003, 400_004);
        assertOwner("program", 300_000, 400_000);
        assertOwner("d/same", 300_000, 400_000);
        assertOwner("link", 300_005, 400_006);
        assertOwner("upper", 300_000, 400_000);
        // Nobody inside has this id: the pod must not be given it.
        assertThat((int) Files.getAttribute(target.resolve("stranger"), "unix:uid")).isIn(65_534, 70_000);
        assertThat(Files.getAttribute(target, "unix:mode")).isEqualTo(0040711);
        assertThat(Files.getAttribute(target.resolve("program"), "unix:mode")).isEqualTo(0104755);
        try (Tree root = Tree.open(target); OpenFile program = root.read("program".getBytes(StandardCharsets.UTF_8))) {
            assertThat(program.xattr("security.capability").orElseThrow()).isNotEmpty();
        }
    }

    private void assertOwner(String file, int uid, int gid) throws IOException {
        Path path = target.resolve(file);
        assertThat(Files.getAttribute(path, "unix:uid", java.nio.file.LinkOption.NOFOLLOW_LINKS)).as("owner of " + file).isEqualTo(uid);
        assertThat(Files.getAttribute(path, "unix:gid", java.nio.file.LinkOption.NOFOLLOW_LINKS)).as("group of " + file).isEqualTo(gid);
    }

    @Test
    void anImageAsAVolumeIsShownSoOrNotAtAll() throws IOException {
        right(layers.snapshots.view("v", layers.chainIds(), OWNERS));
        Path other = Files.createDirectory(dir.resolve("other"));
        Either<StoreFailure, Path> refused = incapable().mount("v", other, true, namespace);
        assertThat(refused.isLeft()).isTrue();
        assertThat(refused.getLeft().message()).contains("300000", "EINVAL");
        assertThat(Mounts.table()).noneMatch(entry -> entry.target().startsWith(dir));
        right(layers.snapshots.mount("v", target, true, namespace));
        assertOwned();
    }

    @Test
    void ownersNeedTheirNamespaceAndBelongToTheSnapshot() throws IOException {
        right(layers.snapshots.prepare("c", layers.chainIds(), OWNERS));
        assertThat(layers.snapshots.mount("c", target, false).getLeft().message()).contains("user namespace");
        assertThat(layers.snapshots.prepare("c", layers.chainIds()).getLeft().kind()).isEqualTo(StoreFailure.Kind.CONFLICT);
        right(layers.snapshots.prepare("c", layers.chainIds(), OWNERS));
    }

    @Test
    void layersThatACrashLeftMountedAreTakenAwayAndNotDeleted() throws IOException {
        right(layers.snapshots.prepare("c", layers.chainIds(), OWNERS));
        Path shown = Files.createDirectory(dir.resolve("store/snapshots/c/layers"));
        Mounts.bind(dir.resolve("store/layers"), shown);
        Mounts.bind(dir.resolve("store/layers"), shown);
        right(layers.snapshots.mount("c", target, false, namespace));
        assertOwned();
        Mounts.bind(dir.resolve("store/layers"), shown);
        right(layers.snapshots.remove("c"));
        assertThat(layers.fs(0).resolve("d/f")).hasContent("below");
        assertThat(dir.resolve("store/snapshots")).isEmptyDirectory();
    }

    @Test
    void rangesBeyondTheKernelsAreRefused() {
        assertThatThrownBy(() -> new Owners(-1, 1, 0, 1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> new Owners(0, 0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Owners(0, 1, 0xffff_ffffL, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SnapshotInfo.fromJson("""
                {"version": 1, "isWritable": true, "chainIds": [], "owners": {"firstUid": 1.5, "uids": 1, "firstGid": 0, "gids": 1}}"""
                .getBytes(StandardCharsets.UTF_8))).isInstanceOf(IOException.class).hasMessageContaining("firstUid");
    }

    private static <T> T right(Either<StoreFailure, T> either) {
        return either.getOrElseThrow(failure -> new AssertionError(failure.toString()));
    }
}
