package io.cairn.images;

import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What lies below a layer while it is unpacked: the layers under it as overlayfs would show them merged, for the few
 * questions that need them (the attributes of a directory the layer only passes through, the target of a hard link, links
 * in the middle of a path). Belongs to one thread.
 */
final class LowerLayers implements AutoCloseable {
    static final String OPAQUE = "trusted.overlay.opaque";

    /** An entry, and the directory of one layer that holds it; the directory is the caller's to close. */
    record Found(Tree directory, String name, FileStat stat) implements AutoCloseable {
        @Override
        public void close() {
            directory.close();
        }
    }

    private final List<Tree> layers = new ArrayList<>();

    /** @param roots the top one first, none of it below a layer with an opaque root */
    LowerLayers(Iterable<Path> roots) throws LinuxException {
        try {
            for (Path root : roots) {
                layers.add(Tree.open(root));
            }
        } catch (LinuxException e) {
            close();
            throw e;
        }
    }

    /** The root directory of the layer right below, if there is one. */
    Option<Tree> top() {
        return layers.isEmpty() ? Option.none() : Option.of(layers.getFirst());
    }

    /** @param path resolved: no component but the last is a link */
    Option<Found> lookup(List<String> path) throws LinuxException {
        for (Tree layer : layers) {
            var step = new Step();
            Option<Found> found = step.into(layer, path);
            if (found.isDefined() || step.hidesBelow) {
                return found;
            }
        }
        return Option.none();
    }

    /** The walk down one layer. */
    private static final class Step {
        boolean hidesBelow;

        Option<Found> into(Tree root, List<String> path) throws LinuxException {
            Tree at = root.enter(RawPath.bytes("."));
            boolean handedOut = false;
            try {
                for (int i = 0; i < path.size(); i++) {
                    byte[] name = RawPath.bytes(path.get(i));
                    Option<FileStat> stat = Option.ofOptional(at.stat(name));
                    boolean last = i == path.size() - 1;
                    hidesBelow |= stat.exists(s -> last || !s.isDirectory());
                    if (last && stat.exists(s -> !s.isWhiteout())) {
                        handedOut = true;
                        return Option.of(new Found(at, path.get(i), stat.get()));
                    }
                    if (last || !stat.exists(FileStat::isDirectory)) {
                        return Option.none();
                    }
                    try (Tree outer = at) {
                        at = outer.enter(name);
                    }
                    hidesBelow |= at.xattr(OPAQUE).isPresent();
                }
                return Option.none();
            } finally {
                if (!handedOut) {
                    at.close();
                }
            }
        }
    }

    @Override
    public void close() {
        layers.forEach(Tree::close);
    }
}
