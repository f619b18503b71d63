package io.cairn.images;

import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of one overlay mount. mount(2) takes one page of them, into which the paths of a hundred layers do not go: so
 * each directory is opened, and named as /proc/self/fd/N, 20 bytes at most, while the mount is made. (The mount table
 * then shows those names; what stands behind them is in snapshot.json.)
 */
public final class OverlayOptions implements AutoCloseable {
    private final List<Tree> open = new ArrayList<>();
    private final Vector<Path> lowers;
    private final Path empty;

    /** @param lowers the top one first @param empty holds two empty directories, a and b */
    public OverlayOptions(Vector<Path> lowers, Path empty) {
        this.lowers = lowers;
        this.empty = empty;
    }

    /** index=off: hard links across copies are kept apart, as everywhere; a layer can then serve several mounts at once. */
    public String writable(Path upper, Path work) throws IOException {
        Vector<Path> below = lowers.isEmpty() ? Vector.of(empty.resolve("a")) : lowers;
        return checked("index=off,lowerdir=" + names(below) + ",upperdir=" + name(upper) + ",workdir=" + name(work));
    }

    /** Without an upper directory overlayfs wants two lower ones at least. */
    public String view() throws IOException {
        Vector<Path> below = switch (lowers.size()) {
            case 0 -> Vector.of(empty.resolve("a"), empty.resolve("b"));
            case 1 -> lowers.append(empty.resolve("a"));
            default -> lowers;
        };
        return checked("index=off,lowerdir=" + names(below));
    }

    private String names(Vector<Path> directories) throws LinuxException {
        var names = new ArrayList<String>();
        for (Path directory : directories) {
            names.add(name(directory));
        }
        return String.join(":", names);
    }

    private String name(Path directory) throws LinuxException {
        Tree tree = Tree.open(directory);
        open.add(tree);
        return tree.procPath().toString();
    }

    private static String checked(String options) throws IOException {
        int length = options.getBytes(StandardCharsets.US_ASCII).length;
        if (length >= ImageLimits.MAX_MOUNT_OPTION_BYTES) {
            throw new IOException("Expected less than %d bytes of mount options, but these layers need %d"
                    .formatted(ImageLimits.MAX_MOUNT_OPTION_BYTES, length));
        }
        return options;
    }

    @Override
    public void close() {
        open.forEach(Tree::close);
    }
}
