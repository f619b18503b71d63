package io.cairn.images;

import static io.cairn.images.Tar.dir;
import static io.cairn.images.Tar.entry;
import static io.cairn.images.Tar.file;
import static io.cairn.images.Tar.hardLink;
import static io.cairn.images.Tar.symlink;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.LinuxException;
import io.cairn.linux.Mounts;
import io.cairn.linux.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile layer tries, it does inside its own directory or not at all. */
class LayerSafetyTest {
    @TempDir
    Path dir;
    private Path outside;
    private Layers layers;
    private Map<String, String> before;

    @BeforeEach
    void setUp() throws IOException {
        // In memory: what matters here is where things go, and not that they last.
        Mounts.mount("tmpfs", dir, "tmpfs", 0, "size=128m");
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createDirectory(outside.resolve("d"));
        layers = new Layers(dir.resolve("store"));
        before = state();
    }

    @AfterEach
    void nothingOutsideHasChanged() throws IOException {
        layers.close();
        try {
            assertThat(state()).isEqualTo(before);
            for (String name : new String[] {"evil", "store/evil", "store/layers/evil", "store/ingest/evil", "store/snapshots/evil"}) {
                assertThat(dir.resolve(name)).doesNotExist();
            }
            assertThat(Path.of("/evil")).doesNotExist();
            assertThat(dir.resolve("store/ingest")).isEmptyDirectory();
        } finally {
            Mounts.unmount(dir);
        }
    }

    private Map<String, String> state() throws IOException {
        var found = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(outside)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                found.put(file.toString(), Files.readAttributes(file, "unix:mode,uid,gid,nlink,lastModifiedTime,size",
                        LinkOption.NOFOLLOW_LINKS)
                        + (Files.isRegularFile(file) ? Files.readString(file) : ""));
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/../../evil", "a/..", "..", "/../evil", "./../evil", "a/b/../../../evil"})
    void aNameThatClimbsIsRefused(String name) {
        refused("stay inside", file(name, "x"));
        refused("stay inside", dir(name));
        refused("stay inside", symlink(name, "x"));
        refused("stay inside", file("ok", "x"), hardLink(name, "ok"));
        refused("stay inside", file("ok", "x"), hardLink("ok2", name));
    }

    @Test
    void anAbsoluteNameIsOneBelowTheRoot() throws IOException {
        Path fs = layers.add(Tar.of(file("/evil", "x"), dir("//d//"), file("//d/./f", "y")));
        assertThat(fs.resolve("evil")).hasContent("x");
        assertThat(fs.resolve("d/f")).hasContent("y");
    }

    @Test
    void writingThroughALinkStaysInside() throws IOException {
        Path fs = layers.add(Tar.of(
                symlink("absolute", outside.toString()), file("absolute/secret", "replaced"), dir("absolute/d"),
                symlink("climbing", "../../../../../../../.." + outside), file("climbing/evil", "x"),
                symlink("dots", "a/../../../b"), file("dots/f", "y"),
                symlink("one", "two"), symlink("two", "/three"), file("one/f", "z")));
        assertThat(inside(fs, "secret")).hasContent("replaced");
        assertThat(inside(fs, "evil")).hasContent("x");
        assertThat(inside(fs, "d")).isDirectory();
        assertThat(fs.resolve("b/f")).hasContent("y");
        assertThat(fs.resolve("three/f")).hasContent("z");
    }

    @Test
    void aLinkOfALowerLayerLeadsNowhereElseEither() throws IOException {
        layers.add(Tar.of(symlink("l", outside.toString()), symlink("up", "../..")));
        Path fs = layers.add(Tar.of(file("l/secret", "replaced"), file("up/evil", "x"), entry("l/.wh.d", Tar.FILE)));
        assertThat(inside(fs, "secret")).hasContent("replaced");
        assertThat(fs.resolve("evil")).hasContent("x");
    }

    @Test
    void anEntryInThePlaceOfALinkReplacesTheLink() throws IOException {
        Path fs = layers.add(Tar.of(
                symlink("f", outside.resolve("secret").toString()), file("f", "mine").mode(0777).owner(5, 5)
                        .xattr("user.a", new byte[] {1}),
                symlink("d", outside.resolve("d").toString()), dir("d").mode(0700).owner(6, 6).time(1),
                symlink("n", outside.resolve("d").toString()), entry("n", Tar.FIFO).mode(0777).owner(7, 7).time(2),
                symlink("s", outside.resolve("secret").toString()), symlink("s", outside.resolve("secret").toString()).owner(8, 8).time(3),
                symlink("h", outside.resolve("secret").toString()), hardLink("h", "f")));
        assertThat(fs.resolve("f")).hasContent("mine");
        assertThat(fs.resolve("d")).isDirectory();
        assertThat(Files.isSymbolicLink(fs.resolve("d"))).isFalse();
        assertThat(Files.getAttribute(fs.resolve("s"), "unix:uid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(8);
        assertThat(fs.resolve("h")).hasContent("mine");
    }

    @Test
    void aHardLinkReachesNothingOutside() {
        String target = outside.resolve("secret").toString();
        refused("there is none", hardLink("h", target));
        refused("there is none", symlink("l", outside.toString()), hardLink("h", "l/secret"));
        refused("there is none", symlink("l", "/"), hardLink("h", "l" + target));
        refused("the root", hardLink("h", "/"));
        refused("there is none", dir("d"), hardLink("h", "d"));
    }

    @Test
    void aHardLinkToALinkIsThatLink() throws IOException {
        Path fs = layers.add(Tar.of(symlink("l", outside.resolve("secret").toString()), hardLink("h", "l")));
        assertThat(Files.isSymbolicLink(fs.resolve("h"))).isTrue();
        assertThat(Files.getAttribute(fs.resolve("h"), "unix:nlink", LinkOption.NOFOLLOW_LINKS)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh.", ".wh..", ".wh...", "a/.wh.", "a/.wh..", "a/.wh..."})
    void aWhiteoutOfAParentIsRefused(String name) {
        refused("whiteout of a file", dir("a"), file(name, ""));
    }

    @Test
    void aWhiteoutTouchesNothingThroughALink() throws IOException {
        Path fs = layers.add(Tar.of(symlink("l", outside.toString()), file("l/.wh.secret", ""), file("l/.wh..wh..opq", ""),
                file("l/.wh.d", "")));
        assertThat(fs.resolve("l")).isSymbolicLink();
    }

    @Test
    void whatAufsLeftIsPassedOver() throws IOException {
        Path fs = layers.add(Tar.of(file(".wh..wh.aufs", "x"), dir(".wh..wh.plnk"), file(".wh..wh.plnk/1.2", "x"),
                file("a/.wh.b/c", "x"), file("f", "y")));
        try (Stream<Path> files = Files.list(fs)) {
            assertThat(files).containsExactly(fs.resolve("f"));
        }
    }

    @Test
    void linksThatGoInCirclesEnd() {
        refused("links on the way", symlink("a", "b"), symlink("b", "a"), file("a/f", "x"));
        refused("links on the way", symlink("a", "a/a"), file("a/f", "x"));
        refused("links on the way", symlink("self", "."), file("self/".repeat(50) + "f", "x"));
    }

    @Test
    void aFileOnTheWayIsNoDirectory() {
        refused("it is something else", file("f", "x"), file("f/below", "y"));
        refused("it is something else", entry("p", Tar.FIFO), file("p/below", "y"));
    }

    @Test
    void aPathReplacedUnderWayIsResolvedAnew() throws IOException {
        Path fs = layers.add(Tar.of(
                dir("a"), file("a/1", "x"), symlink("a", outside.toString()), file("a/secret", "y"),
                symlink("l", "."), file("l/f", "first"), symlink("l/l", "/elsewhere"), file("l/f", "second")));
        assertThat(inside(fs, "secret")).hasContent("y");
        assertThat(fs.resolve("f")).hasContent("first");
        assertThat(fs.resolve("elsewhere/f")).hasContent("second");
        assertThat(fs.resolve("a")).isSymbolicLink();
    }

    @Test
    void namesTooLongForTheKernelAreTheLayersFault() {
        refused("ENAMETOOLONG", file("x".repeat(256), "x"));
        refused("less than 4096", file("x/".repeat(2048) + "f", "x"));
        refused("1 to 4095", symlink("s", "x/".repeat(2048)));
        refused("1 to 4095", symlink("s", ""));
        refused("NUL", file("f", "x").pax("path", "a\0b"));
        refused("NUL", symlink("f", "x").pax("linkpath", "a\0b"));
    }

    @Test
    void aTreeAsDeepAsAPathAllowsIsUnpackedAndRemoved() throws IOException {
        Path fs = layers.add(Tar.of(file("d/".repeat(2000) + "f", "x"), file("other", "y")));
        assertThat(fs.resolve("other")).exists();
        layers.store.sweep(Set.of());
        layers.dirs.trash.empty();
        assertThat(dir.resolve("store/layers")).isEmptyDirectory();
    }

    @Test
    void theRootCanOnlyBeADirectory() {
        refused("root of a layer", symlink("./", outside.toString()));
        refused("root of a layer", file("/", "x"));
        refused("root of a layer", hardLink(".", "x"));
    }

    @Test
    void attributesThatMeanSomethingToTheHostAreLeftOut() throws Exception {
        byte[] yes = {'y'};
        byte[] away = outside.toString().getBytes();
        Path fs = layers.add(Tar.of(
                dir("d").xattr("trusted.overlay.opaque", yes).xattr("trusted.overlay.redirect", away).xattr("user.overlay.opaque", yes),
                file("f", "x").xattr("security.selinux", yes).xattr("trusted.x", yes).xattr("system.posix_acl_access", yes)
                        .xattr("security.ima", yes).xattr("user.kept", yes)));
        try (var root = Tree.open(fs)) {
            try (var d = root.enter("d".getBytes()); var f = root.read("f".getBytes())) {
                assertThat(d.xattrs()).isEmpty();
                assertThat(f.xattrs()).containsExactly("user.kept");
            }
        }
    }

    /** Names that lead into each other, links to everywhere, and entries of every kind in any order. */
    @Test
    void whateverALayerTriesItStaysInside() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String[] names = {"a", "b", "..", ".", "", ".wh.a", ".wh..wh..opq", outside.toString().substring(1), "secret", "d"};
        String[] targets = {"/", "..", "a", "b", "../..", outside.toString(), outside + "/secret", "a/b", "/b", "secret", "d", "../../outside"};
        int unpacked = 0;
        for (int round = 0; round < 400; round++) {
            var tar = new Tar();
            for (int i = random.nextInt(12); i >= 0; i--) {
                tar.add(randomEntry(random, names, targets));
            }
            try {
                layers.stack = layers.stack.takeRight(3);
                layers.add(tar.finish());
                unpacked++;
            } catch (BadLayerException expected) {
                assertThat(expected).hasMessageStartingWith("Expected");
            } catch (RuntimeException | LinuxException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
            assertThat(state()).as("seed " + seed + ", round " + round).isEqualTo(before);
        }
        assertThat(unpacked).as("some are harmless").isPositive();
    }

    private static Tar.Entry randomEntry(Random random, String[] names, String[] targets) {
        var name = new StringBuilder();
        for (int depth = random.nextInt(4); depth >= 0; depth--) {
            // Mostly names without "..", which would end the layer at once.
            name.append(names[random.nextInt(20) == 0 ? random.nextInt(names.length) : random.nextInt(2) + 8 * random.nextInt(2)]);
            name.append(depth > 0 ? "/" : "");
        }
        String target = targets[random.nextInt(targets.length)];
        return switch (random.nextInt(7)) {
            case 0, 1 -> symlink(name.toString(), target);
            case 2 -> hardLink(name.toString(), target.replace("..", "a"));
            case 3 -> dir(name.toString()).mode(random.nextInt(01000)).owner(random.nextInt(9), 3).xattr("user.a", new byte[] {1});
            case 4 -> entry(name.toString(), Tar.FIFO).mode(0777);
            case 5 -> entry(name.toString(), Tar.CHARACTER).device(random.nextInt(2), random.nextInt(2));
            default -> file(name.toString(), "evil").mode(04777).owner(5, 6);
        };
    }

    @Test
    void noDescriptorIsLeftOpen() throws IOException {
        layers.add(Tar.of(symlink("l", "d"), dir("d"), file("d/f", "x")));
        long open = descriptors();
        for (int i = 0; i < 20; i++) {
            int round = i;
            refused("", file("l/" + round, "x"), hardLink("h" + round, "d/f"), file("deep/" + round + "/f", "y"), symlink("x", "x"),
                    file("x/f", "z"));
        }
        assertThat(descriptors()).isLessThanOrEqualTo(open);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> {
                try {
                    return Files.readSymbolicLink(fd).toString().contains("/store/");
                } catch (IOException e) {
                    return false;
                }
            }).count();
        }
    }

    private Path inside(Path fs, String name) {
        return fs.resolve(outside.toString().substring(1)).resolve(name);
    }

    private void refused(String why, Tar.Entry... entries) {
        assertThatThrownBy(() -> layers.add(Tar.of(entries))).isInstanceOf(BadLayerException.class).hasMessageContaining(why);
    }
}
