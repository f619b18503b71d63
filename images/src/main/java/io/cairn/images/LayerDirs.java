package io.cairn.images;

import io.cairn.images.MergedDir.Found;
import io.cairn.linux.FileHandle;
import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import io.cairn.linux.TreeWalk;
import io.vavr.control.Option;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import jnr.constants.platform.Errno;

/**
 * The directories of a layer that is being unpacked.
 *
 * <p>A path of the archive is resolved here, component by component, as it would be inside the merged file system: links
 * are followed, whether they lie in this layer or below, but start at the layer's root and never climb out of it. What
 * comes out is a path without links, and only such a path is ever handed to the kernel, which refuses links on its own
 * account. Directories on the way that the layer does not have are made with the attributes they have below.
 */
final class LayerDirs implements AutoCloseable {
    /** As many as the kernel follows (path_resolution(7)). */
    private static final int MAX_LINKS = 40;
    private static final int DEFAULT_PERMISSIONS = 0755;
    private static final byte[] YES = {'y'};

    /** A directory and its path without links. The handles stay ours. */
    record Place(MergedDir directory, List<String> path) {}

    private final MergedDir root;
    /** In order, so that all below a path stand together. */
    private final NavigableSet<String> opaque = new TreeSet<>();
    private final Map<String, PaxTime> times = new LinkedHashMap<>();
    private List<String> lastAsked = List.of();
    private Option<Place> lastPlace = Option.none();
    private boolean lastIsStale;

    /** @param root of the layer, which starts with the attributes of the root below it */
    LayerDirs(MergedDir root) throws LinuxException {
        this.root = root;
        Option<Tree> below = root.below();
        if (below.isDefined()) {
            copyAttributes(below.get(), root.own());
            remember(List.of(), below.get().stat());
        } else {
            root.own().chown(0, 0);
            root.own().chmod(DEFAULT_PERMISSIONS);
        }
    }

    Tree root() {
        return root.own();
    }

    /**
     * The directory for these components, made where it is missing. Asking for the one asked for last is cheap.
     *
     * @return good until another place is asked for
     */
    Place resolve(List<String> parts) throws LinuxException, BadLayerException {
        if (lastPlace.isDefined() && !lastIsStale && lastAsked.equals(parts)) {
            return lastPlace.get();
        }
        close();
        var walk = new Walk(parts);
        try {
            Place place = walk.run();
            lastAsked = List.copyOf(parts);
            lastPlace = Option.of(place);
            lastIsStale = false;
            return place;
        } catch (LinuxException | BadLayerException e) {
            walk.at.close();
            throw e;
        }
    }

    /** Must be called when an entry was taken away: the last path may have led through it, and what it hid is hidden no more. */
    void entryRemoved(List<String> path) {
        lastIsStale = true;
        String gone = String.join("/", path);
        opaque.remove(gone);
        opaque.subSet(gone + '/', gone + (char) ('/' + 1)).clear();
    }

    /** Times are set at the end: every entry made in a directory changes them. */
    void remember(List<String> directory, PaxTime time) {
        times.put(String.join("/", directory), time);
    }

    private void remember(List<String> directory, FileStat stat) {
        remember(directory, new PaxTime(stat.modifiedSeconds(), stat.modifiedNanos()));
    }

    /** Nothing of the layers below is to be seen in this directory. Whiteouts in it would then be seen themselves: they go. */
    void makeOpaque(MergedDir directory, List<String> path) throws LinuxException {
        directory.hideBelow();
        if (path.isEmpty()) {
            root.hideBelow();
        }
        if (opaque.add(String.join("/", path))) {
            directory.own().setXattr(MergedDir.OPAQUE, YES);
            dropWhiteouts(directory.own());
        }
    }

    /** overlayfs does not look for the mark at a layer's root, so the layers below are left out of the mount. */
    boolean isRootOpaque() {
        return opaque.contains("");
    }

    MergedDir enter(Place place, String name) throws LinuxException {
        boolean merges = opaque.isEmpty() || !opaque.contains(String.join("/", RawPath.join(place.path(), name)));
        return place.directory().enter(name, merges);
    }

    /** Sets the times; to be called when all is unpacked. */
    void finish() throws LinuxException {
        close();
        for (Map.Entry<String, PaxTime> entry : times.entrySet()) {
            try (Tree directory = walkTo(RawPath.split(entry.getKey()))) {
                directory.setTime(entry.getValue().seconds(), entry.getValue().nanos());
            } catch (LinuxException e) {
                // Replaced by something else later in the archive.
                if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
                    throw e;
                }
            }
        }
    }

    /** In one call where the path is short enough for one; links can make it longer than any path of the archive. */
    private Tree walkTo(List<String> path) throws LinuxException {
        byte[] whole = RawPath.bytes(path.isEmpty() ? List.of(".") : path);
        if (whole.length < ImageLimits.MAX_PATH_BYTES) {
            return root.own().enter(whole);
        }
        Tree at = root.own().enter(RawPath.bytes("."));
        for (String name : path) {
            try (Tree outer = at) {
                at = outer.enter(RawPath.bytes(name));
            }
        }
        return at;
    }

    private static void dropWhiteouts(Tree directory) throws LinuxException {
        var found = new ArrayList<List<String>>();
        TreeWalk.visit(directory.enter(RawPath.bytes(".")), (path, stat) -> {
            if (stat.isWhiteout()) {
                found.add(RawPath.split(RawPath.raw(path)));
            }
        });
        for (List<String> path : found) {
            Tree at = directory.enter(RawPath.bytes("."));
            for (String name : path.subList(0, path.size() - 1)) {
                try (Tree outer = at) {
                    at = outer.enter(RawPath.bytes(name));
                }
            }
            try (Tree holder = at) {
                holder.unlink(RawPath.bytes(path.getLast()));
            }
        }
    }

    static void copyAttributes(FileHandle from, FileHandle to) throws LinuxException {
        FileStat stat = from.stat();
        to.chown(stat.uid(), stat.gid());
        to.chmod(stat.permissions());
        for (String name : from.xattrs()) {
            Option<byte[]> value = XattrRules.isKept(name, stat.isRegular()) ? Option.ofOptional(from.xattr(name)) : Option.none();
            if (value.isDefined()) {
                to.setXattr(name, value.get());
            }
        }
    }

    /** One resolution of a path. */
    private final class Walk {
        private final Deque<String> todo;
        private final List<String> done = new ArrayList<>();
        private final String asked;
        private MergedDir at;
        private int links;

        Walk(List<String> parts) throws LinuxException {
            this.todo = new ArrayDeque<>(parts);
            this.asked = String.join("/", parts);
            this.at = root.again();
        }

        Place run() throws LinuxException, BadLayerException {
            while (!todo.isEmpty()) {
                String name = todo.pop();
                if (name.equals("..")) {
                    climb();
                } else {
                    step(name);
                }
            }
            return new Place(at, List.copyOf(done));
        }

        private void step(String name) throws LinuxException, BadLayerException {
            byte[] raw = RawPath.bytes(name);
            Option<FileStat> here = Option.ofOptional(at.own().stat(raw));
            if (here.isEmpty()) {
                stepBelow(name);
            } else if (here.get().isDirectory()) {
                enter(name);
            } else if (here.get().isSymlink()) {
                follow(RawPath.raw(at.own().readLink(raw)));
            } else if (here.get().isWhiteout()) {
                at.own().unlink(raw);
                make(name);
                makeOpaque(at, done);
            } else {
                throw new BadLayerException("Expected a directory at %s on the way to %s in the layer, but it is something else"
                        .formatted(RawPath.shown(String.join("/", RawPath.join(done, name))), RawPath.shown(asked)));
            }
        }

        private void stepBelow(String name) throws LinuxException, BadLayerException {
            Option<Found> below = at.below(name);
            if (below.exists(found -> found.stat().isSymlink())) {
                follow(RawPath.raw(below.get().directory().readLink(RawPath.bytes(name))));
                return;
            }
            make(name);
            Option<Tree> original = at.below();
            if (original.isDefined()) {
                copyAttributes(original.get(), at.own());
                remember(done, original.get().stat());
            }
        }

        private void make(String name) throws LinuxException {
            at.own().mkdir(RawPath.bytes(name), DEFAULT_PERMISSIONS);
            enter(name);
            at.own().chmod(DEFAULT_PERMISSIONS);
        }

        private void enter(String name) throws LinuxException {
            try (MergedDir outer = at) {
                at = LayerDirs.this.enter(new Place(outer, done), name);
            }
            done.add(name);
        }

        private void climb() throws LinuxException {
            List<String> path = List.copyOf(done.subList(0, Math.max(done.size() - 1, 0)));
            restart();
            for (String name : path) {
                enter(name);
            }
        }

        private void restart() throws LinuxException {
            at.close();
            at = root.again();
            done.clear();
        }

        private void follow(String target) throws LinuxException, BadLayerException {
            if (++links > MAX_LINKS) {
                throw new BadLayerException("Expected at most %d links on the way to %s in the layer, but there are more"
                        .formatted(MAX_LINKS, RawPath.shown(asked)));
            }
            if (target.startsWith("/")) {
                restart();
            }
            RawPath.split(target).reversed().forEach(todo::push);
        }
    }

    /** Lets go of the last place; the root stays the caller's. */
    @Override
    public void close() {
        lastPlace.forEach(place -> place.directory().close());
        lastPlace = Option.none();
    }
}
