package io.cairn.linux;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * Visits every entry below a directory, links not followed, mounts not entered, in the order the file system has them.
 *
 * <p>The tree may be one that a container is writing to: what vanishes meanwhile is passed over, and no depth of
 * directories exhausts the file descriptors (only the outermost and the innermost {@link #MAX_OPEN} are kept open).
 */
public final class TreeWalk {
    private static final int MAX_OPEN = 64;

    /** Called for each entry, a directory before what is in it. */
    @FunctionalInterface
    public interface Visitor {
        /** @param path relative to where the walk began */
        void visit(byte[] path, FileStat stat) throws LinuxException;
    }

    private static final class Level {
        Tree tree;
        final FileStat stat;
        final byte[] path;
        Iterator<byte[]> directories;

        Level(Tree tree, FileStat stat, byte[] path) {
            this.tree = tree;
            this.stat = stat;
            this.path = path;
        }
    }

    private final Visitor visitor;
    private final Deque<Level> levels = new ArrayDeque<>();

    private TreeWalk(Visitor visitor) {
        this.visitor = visitor;
    }

    /** @param root a fresh handle; closed by the walk */
    public static void visit(Tree root, Visitor visitor) throws LinuxException {
        var walk = new TreeWalk(visitor);
        try {
            walk.run(root);
        } finally {
            walk.levels.forEach(level -> {
                if (level.tree != null) {
                    level.tree.close();
                }
            });
        }
    }

    private void run(Tree root) throws LinuxException {
        enter(root, new byte[0]);
        while (!levels.isEmpty()) {
            Level level = levels.peek();
            if (level.tree == null || !level.directories.hasNext()) {
                leave();
                continue;
            }
            byte[] name = level.directories.next();
            Optional<Tree> child = ifStillThere(() -> Optional.of(level.tree.enter(name)));
            if (child.isPresent()) {
                enter(child.get(), join(level.path, name));
            }
        }
    }

    private void enter(Tree tree, byte[] path) throws LinuxException {
        var level = new Level(tree, tree.stat(), path);
        levels.push(level);
        level.directories = visitEntries(level).iterator();
        if (levels.size() > MAX_OPEN + 1) {
            Level outer = levels.stream().skip(MAX_OPEN).findFirst().orElseThrow();
            if (outer.tree != null) {
                outer.tree.close();
                outer.tree = null;
            }
        }
    }

    private ArrayList<byte[]> visitEntries(Level level) throws LinuxException {
        var directories = new ArrayList<byte[]>();
        for (var entries = level.tree.nextEntries(); !entries.isEmpty(); entries = level.tree.nextEntries()) {
            for (Tree.Entry entry : entries) {
                Optional<FileStat> stat = level.tree.stat(entry.name());
                if (stat.isPresent()) {
                    visitor.visit(join(level.path, entry.name()), stat.get());
                    if (stat.get().isDirectory()) {
                        directories.add(entry.name());
                    }
                }
            }
        }
        return directories;
    }

    private void leave() throws LinuxException {
        Level done = levels.pop();
        Level outer = levels.peek();
        if (outer != null && outer.tree == null) {
            outer.tree = reopened(outer, done.tree);
        }
        if (done.tree != null) {
            done.tree.close();
        }
    }

    /** Through ".." as a rule; by its path when the directory we came from was moved elsewhere meanwhile. */
    private Tree reopened(Level outer, Tree inner) throws LinuxException {
        if (inner != null) {
            Tree parent = inner.parent();
            FileStat found = parent.stat();
            if (found.inode() == outer.stat.inode() && found.device() == outer.stat.device()) {
                return parent;
            }
            parent.close();
        }
        Tree at = levels.getLast().tree;
        for (byte[] name : split(outer.path)) {
            Tree from = at;
            at = ifStillThere(() -> Optional.of(from.enter(name))).orElse(null);
            if (from != levels.getLast().tree) {
                from.close();
            }
            if (at == null) {
                return null;
            }
        }
        return at;
    }

    @FunctionalInterface
    private interface Step {
        Optional<Tree> take() throws LinuxException;
    }

    private static Optional<Tree> ifStillThere(Step step) throws LinuxException {
        try {
            return step.take();
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP) || e.is(Errno.EXDEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static byte[] join(byte[] path, byte[] name) {
        var joined = new ByteArrayOutputStream(path.length + name.length + 1);
        joined.writeBytes(path);
        if (path.length > 0) {
            joined.write('/');
        }
        joined.writeBytes(name);
        return joined.toByteArray();
    }

    private static List<byte[]> split(byte[] path) {
        var parts = new ArrayList<byte[]>();
        int from = 0;
        for (int i = 0; i <= path.length; i++) {
            if (i == path.length || path[i] == '/') {
                parts.add(Arrays.copyOfRange(path, from, i));
                from = i + 1;
            }
        }
        return parts;
    }
}
