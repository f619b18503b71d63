package io.cairn.images;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a stack of layers should look like, worked out in memory from the words of OCI image-spec, layer.md, and without
 * overlayfs: whiteouts take away from what is below, then the entries are laid over it one after the other.
 */
final class MergeModel {
    /** A directory has children, a file has content. */
    static final class Node {
        final Map<String, Node> children;
        final String content;
        boolean hidesBelow;

        private Node(Map<String, Node> children, String content) {
            this.children = children;
            this.content = content;
        }

        static Node dir() {
            return new Node(new LinkedHashMap<>(), null);
        }

        static Node file(String content) {
            return new Node(null, content);
        }

        boolean isDir() {
            return children != null;
        }
    }

    /** An entry whose path leads through a file of its own layer. */
    static final class Impossible extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private Node merged = Node.dir();
    private Node own = Node.dir();
    private Node below = Node.dir();

    void startLayer() {
        own = Node.dir();
        below = merged;
    }

    void endLayer() {
        merged = overlaid(below, own);
    }

    void file(String path, String content) throws Impossible {
        parent(path).children.put(last(path), Node.file(content));
    }

    void directory(String path) throws Impossible {
        Map<String, Node> siblings = parent(path).children;
        Node old = siblings.get(last(path));
        if (old == null || !old.isDir()) {
            Node fresh = Node.dir();
            fresh.hidesBelow = old != null;
            siblings.put(last(path), fresh);
        }
    }

    void whiteout(String path) throws Impossible {
        parent(path);
        below = without(below, path.split("/"), 0, false);
    }

    void opaque(String path) throws Impossible {
        parent(path + "/x");
        below = without(below, path.split("/"), 0, true);
    }

    Map<String, String> listing() {
        var found = new TreeMap<String, String>();
        list("", merged, found);
        return found;
    }

    private static void list(String path, Node node, Map<String, String> found) {
        node.children.forEach((name, child) -> {
            found.put(path + name, child.isDir() ? "directory" : child.content);
            if (child.isDir()) {
                list(path + name + "/", child, found);
            }
        });
    }

    private Node parent(String path) throws Impossible {
        Node at = own;
        String[] parts = path.split("/");
        for (int i = 0; i < parts.length - 1; i++) {
            at = at.children.computeIfAbsent(parts[i], name -> Node.dir());
            if (!at.isDir()) {
                throw new Impossible();
            }
        }
        return at;
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static Node without(Node node, String[] path, int depth, boolean onlyChildren) {
        if (!node.isDir()) {
            return node;
        }
        if (depth == path.length) {
            return Node.dir();
        }
        Node copy = Node.dir();
        copy.children.putAll(node.children);
        Node child = copy.children.get(path[depth]);
        if (child != null && depth == path.length - 1 && !onlyChildren) {
            copy.children.remove(path[depth]);
        } else if (child != null) {
            copy.children.put(path[depth], without(child, path, depth + 1, onlyChildren));
        }
        return copy;
    }

    private static Node overlaid(Node below, Node above) {
        if (!above.isDir()) {
            return above;
        }
        Node result = Node.dir();
        boolean merges = below != null && below.isDir() && !above.hidesBelow;
        if (merges) {
            result.children.putAll(below.children);
        }
        above.children.forEach((name, child) -> result.children.put(name, overlaid(merges ? below.children.get(name) : null, child)));
        return result;
    }
}
