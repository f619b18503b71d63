package io.cairn.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Errno;

/**
 * A directory of our own whose content is to go, however deep others nested it. Things are moved in under a fresh name
 * (one rename, so that they are gone from their place at once) and deleted from here.
 *
 * <p>Deleting never recurses: a directory that is not empty is moved up into this one and takes its turn, so that neither
 * stack, descriptors nor path length limit the depth. Thread-safe; killed half-way, the next {@link #empty} goes on.
 */
public final class TrashDir {
    private final Path directory;
    private long next;

    /** @param directory exists, on the same file system as what will be moved in, and writable by us only */
    public TrashDir(Path directory) {
        this.directory = directory;
        this.next = System.nanoTime() & Long.MAX_VALUE;
    }

    /** Moves an entry in; it is deleted by the next {@link #empty}. */
    public synchronized void take(Tree from, byte[] name) throws LinuxException {
        try (Tree trash = Tree.open(directory)) {
            moveIn(trash, from, name);
        }
    }

    /** Deletes everything inside. */
    public synchronized void empty() throws LinuxException {
        while (true) {
            try (Tree trash = Tree.open(directory)) {
                List<Tree.Entry> entries = trash.nextEntries();
                if (entries.isEmpty()) {
                    return;
                }
                for (Tree.Entry entry : entries) {
                    remove(trash, trash, entry);
                }
            }
        }
    }

    private void remove(Tree trash, Tree in, Tree.Entry entry) throws LinuxException {
        boolean isDirectory = switch (entry.kind()) {
            case DIRECTORY -> true;
            case OTHER -> false;
            case UNKNOWN -> in.stat(entry.name()).map(FileStat::isDirectory).orElse(false);
        };
        if (!isDirectory) {
            in.unlink(entry.name());
        } else if (!in.rmdir(entry.name())) {
            if (in != trash) {
                moveIn(trash, in, entry.name());
            } else {
                hollow(trash, entry.name());
            }
        }
    }

    private void hollow(Tree trash, byte[] name) throws LinuxException {
        while (!trash.rmdir(name)) {
            try (Tree inside = trash.enter(name)) {
                // One batch of names: what it leaves is listed anew, as reading on while deleting may skip entries.
                for (Tree.Entry entry : inside.nextEntries()) {
                    remove(trash, inside, entry);
                }
            }
        }
    }

    private void moveIn(Tree trash, Tree from, byte[] name) throws LinuxException {
        while (true) {
            try {
                from.rename(name, trash, ("t" + next++).getBytes(StandardCharsets.US_ASCII));
                return;
            } catch (LinuxException e) {
                if (!e.is(Errno.ENOTEMPTY) && !e.is(Errno.EEXIST) && !e.is(Errno.ENOTDIR) && !e.is(Errno.EISDIR)) {
                    throw e;
                }
            }
        }
    }
}
