package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.linux.Mounts;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

/** What a mounted stack of layers shows is what the image specification says. */
class LayerMergeTest {
    private static final int STACKS = 150;
    private static final String[] NAMES = {"a", "b"};

    @TempDir
    Path dir;
    private Layers layers;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        // In memory, where hundreds of layers need no disk to sync.
        Mounts.mount("tmpfs", dir, "tmpfs", 0, "size=64m");
        layers = new Layers(dir.resolve("store"));
        target = Files.createDirectory(dir.resolve("target"));
    }

    @AfterEach
    void close() throws IOException {
        layers.close();
        Mounts.unmount(dir);
    }

    @Test
    void anyStackOfLayersLooksAsTheModelSays() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int stack = 0; stack < STACKS; stack++) {
            layers.stack = Vector.empty();
            layers.store.sweep(Set.of());
            layers.dirs.trash.empty();
            var model = new MergeModel();
            var story = new StringBuilder("seed " + seed + ", stack " + stack);
            for (int layer = random.nextInt(3) + 1; layer >= 0; layer--) {
                addRandomLayer(random, model, story);
            }
            assertThat(mounted("s" + stack)).as(story.toString()).isEqualTo(model.listing());
        }
    }

    private void addRandomLayer(Random random, MergeModel model, StringBuilder story) throws Exception {
        var tar = new Tar();
        story.append("\nlayer");
        model.startLayer();
        boolean possible = true;
        for (int i = random.nextInt(10); i >= 0 && possible; i--) {
            String path = randomPath(random);
            Tar.Entry entry = switch (random.nextInt(5)) {
                case 0, 1 -> Tar.file(path, path + i);
                case 2 -> Tar.dir(path);
                case 3 -> Tar.file(whiteout(path), "");
                default -> Tar.file(path + "/.wh..wh..opq", "");
            };
            story.append(' ').append(entry.name());
            tar.add(entry);
            possible = tell(model, entry, path, path + i);
        }
        byte[] archive = tar.finish();
        try {
            layers.add(archive);
            assertThat(possible).as(story.toString()).isTrue();
            model.endLayer();
        } catch (BadLayerException e) {
            assertThat(possible).as(story + ": " + e.getMessage()).isFalse();
            story.append(" (refused)");
        }
    }

    private static boolean tell(MergeModel model, Tar.Entry entry, String path, String content) {
        try {
            if (entry.name().endsWith(".opq")) {
                model.opaque(path);
            } else if (entry.name().contains(".wh.")) {
                model.whiteout(path);
            } else if (entry.type() == Tar.DIRECTORY) {
                model.directory(path);
            } else {
                model.file(path, content);
            }
            return true;
        } catch (MergeModel.Impossible e) {
            return false;
        }
    }

    private static String randomPath(Random random) {
        var path = new StringBuilder(NAMES[random.nextInt(NAMES.length)]);
        for (int depth = random.nextInt(3); depth > 0; depth--) {
            path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
        }
        return path.toString();
    }

    private static String whiteout(String path) {
        int slash = path.lastIndexOf('/');
        return path.substring(0, slash + 1) + ".wh." + path.substring(slash + 1);
    }

    @Test
    void anOpaqueRootHidesAllLayersBelow() throws Exception {
        layers.add(Tar.of(Tar.file("old", "x"), Tar.dir("d"), Tar.file("d/old", "x")));
        layers.add(Tar.of(Tar.file("new", "y"), Tar.file(".wh..wh..opq", ""), Tar.dir("d"), Tar.file("d/new", "y")));
        assertThat(mounted("s")).containsOnlyKeys("new", "d", "d/new");
        layers.add(Tar.of(Tar.file("newest", "z"), Tar.file(".wh.new", "")));
        assertThat(mounted("t")).containsOnlyKeys("newest", "d", "d/new");
    }

    @Test
    void aDirectoryThatWasAFileInBetweenHidesWhatIsBelowAgain() throws Exception {
        layers.add(Tar.of(Tar.dir("a"), Tar.file("a/old", "x"), Tar.dir("a/b"), Tar.file("a/b/old", "x")));
        layers.add(Tar.of(Tar.file("a/.wh..wh..opq", ""), Tar.file("a/b/.wh..wh..opq", ""), Tar.file("a", "in between"), Tar.dir("a"),
                Tar.file("a/b/.wh..wh..opq", ""), Tar.file("a/b/new", "y")));
        assertThat(mounted("s")).containsOnlyKeys("a", "a/b", "a/b/new");
    }

    @Test
    void whiteoutsOfNothingAreNotSeen() throws Exception {
        layers.add(Tar.of(Tar.file(".wh.x", ""), Tar.dir("d"), Tar.file("d/.wh.y", ""), Tar.file("d/z", "")));
        layers.add(Tar.of(Tar.file("d/.wh.z", ""), Tar.file("d/.wh..wh..opq", ""), Tar.file("d/e/.wh.f", "")));
        assertThat(mounted("s")).containsOnlyKeys("d", "d/e");
        assertThat(names(layers.fs(0))).containsOnlyKeys("d", "d/z");
        assertThat(names(layers.fs(1))).containsOnlyKeys("d", "d/e");
    }

    private Map<String, String> mounted(String key) throws IOException {
        assertThat(layers.snapshots.view(key, layers.chainIds()).isRight()).isTrue();
        var mounted = layers.snapshots.mount(key, target, true);
        assertThat(mounted.isRight()).as(mounted.toString()).isTrue();
        try {
            return names(target);
        } finally {
            layers.snapshots.remove(key);
        }
    }

    /** Files.walk fails on a name that is listed but cannot be looked at, as a stray whiteout would be. */
    private static Map<String, String> names(Path root) throws IOException {
        var found = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.skip(1)::iterator) {
                String content = Files.isDirectory(file) ? "directory" : Files.readString(file, StandardCharsets.UTF_8);
                found.put(root.relativize(file).toString(), content);
            }
        }
        return found;
    }
}
