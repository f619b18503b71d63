package io.cairn.images;

import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory of the layer being unpacked, together with what the layers below have in the same place, as overlayfs would
 * merge them. Holds one descriptor per layer that has the directory. Belongs to one thread.
 */
final class MergedDir implements AutoCloseable {
    static final String OPAQUE = "trusted.overlay.opaque";
    private static final byte[] SELF = {'.'};

    /** An entry of a layer below, and the directory there that has it, which stays open as long as the merged one. */
    record Found(Tree directory, String name, FileStat stat) {}

    private final Tree own;
    private final List<Tree> lowers;

    private MergedDir(Tree own, List<Tree> lowers) {
        this.own = own;
        this.lowers = lowers;
    }

    /** @param lowerRoots the top one first, none of it below a layer with an opaque root */
    static MergedDir root(Path own, Iterable<Path> lowerRoots) throws LinuxException {
        var root = new MergedDir(Tree.open(own), new ArrayList<>());
        try {
            for (Path lower : lowerRoots) {
                root.lowers.add(Tree.open(lower));
            }
            return root;
        } catch (LinuxException e) {
            root.close();
            throw e;
        }
    }

    Tree own() {
        return own;
    }

    /** The topmost directory below, if any: its attributes are those seen where this layer has none of its own. */
    Option<Tree> below() {
        return lowers.isEmpty() ? Option.none() : Option.of(lowers.getFirst());
    }

    /** What can be seen below under a name, as long as this layer does not have it. */
    Option<Found> below(String name) throws LinuxException {
        for (Tree lower : lowers) {
            Option<FileStat> stat = Option.ofOptional(lower.stat(RawPath.bytes(name)));
            if (stat.isDefined()) {
                return stat.filter(found -> !found.isWhiteout()).map(found -> new Found(lower, name, found));
            }
        }
        return Option.none();
    }

    MergedDir again() throws LinuxException {
        return entered(SELF, true);
    }

    /** @param merges false where this layer's directory hides what is below it */
    MergedDir enter(String name, boolean merges) throws LinuxException {
        return entered(RawPath.bytes(name), merges);
    }

    private MergedDir entered(byte[] name, boolean merges) throws LinuxException {
        var inner = new MergedDir(own.enter(name), new ArrayList<>());
        try {
            boolean goesOn = merges;
            for (int i = 0; goesOn && i < lowers.size(); i++) {
                goesOn = inner.descend(lowers.get(i), name);
            }
            return inner;
        } catch (LinuxException e) {
            inner.close();
            throw e;
        }
    }

    /** @return whether the layers further down can be seen */
    private boolean descend(Tree lower, byte[] name) throws LinuxException {
        boolean self = name == SELF;
        Option<FileStat> stat = self ? Option.of(lower.stat()) : Option.ofOptional(lower.stat(name));
        if (stat.isEmpty() || !stat.get().isDirectory()) {
            return stat.isEmpty();
        }
        Tree entered = lower.enter(name);
        lowers.add(entered);
        return self || entered.xattr(OPAQUE).isEmpty();
    }

    /** From now on nothing is below. */
    void hideBelow() {
        lowers.forEach(Tree::close);
        lowers.clear();
    }

    @Override
    public void close() {
        own.close();
        hideBelow();
    }
}
