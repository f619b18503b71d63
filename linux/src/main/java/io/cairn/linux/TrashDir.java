package io.cairn.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import jnr.constants.platform.Errno;

/**
 * A directory of our own whose content is to go, however deep others nested it. Things are moved in under a fresh name
 * (one rename, so that they are gone from their place at once) and deleted from here.
 *
 * <p>Deleting never recurses: a directory that is not empty is moved up into this one and takes its turn, so that neither
 * stack, descriptors nor path length limit the depth. Files that were made immutable or append-only (chattr(1)) are made
 * ordinary first. Thread-safe; killed half-way, the next {@link #empty} goes on.
 */
public final class TrashDir {
    private final Path directory;
    private final AtomicLong next = new AtomicLong(System.nanoTime() & Long.MAX_VALUE);

    /** @param directory exists, on the same file system as what will be moved in, and writable by us only */
    public TrashDir(Path directory) {
        this.directory = directory;
    }

    /** Moves an entry in; it is deleted by the next {@link #empty}. Does not wait for one that is under way. */
    public void take(Tree from, byte[] name) throws LinuxException {
        try (Tree trash = Tree.open(directory)) {
            loosening(from, name, () -> moveIn(trash, from, name));
        }
    }

    /**
     * Deletes everything inside.
     *
     * @throws LinuxException when something cannot be deleted; all else is deleted nevertheless
     */
    public synchronized void empty() throws LinuxException {
        var stuck = new HashSet<String>();
        var failures = new ArrayList<LinuxException>();
        boolean goesOn = true;
        while (goesOn) {
            goesOn = false;
            for (Tree.Entry entry : remaining(stuck)) {
                goesOn = true;
                try (Tree trash = Tree.open(directory)) {
                    remove(trash, trash, entry);
                } catch (LinuxException e) {
                    stuck.add(key(entry));
                    failures.add(e);
                }
            }
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    /** Some entries that have not failed yet; none at the end. */
    private List<Tree.Entry> remaining(Set<String> stuck) throws LinuxException {
        try (Tree trash = Tree.open(directory)) {
            for (var entries = trash.nextEntries(); !entries.isEmpty(); entries = trash.nextEntries()) {
                List<Tree.Entry> fresh = entries.stream().filter(entry -> !stuck.contains(key(entry))).toList();
                if (!fresh.isEmpty()) {
                    return fresh;
                }
            }
            return List.of();
        }
    }

    private static String key(Tree.Entry entry) {
        return new String(entry.name(), StandardCharsets.ISO_8859_1);
    }

    private void remove(Tree trash, Tree in, Tree.Entry entry) throws LinuxException {
        boolean isDirectory = switch (entry.kind()) {
            case DIRECTORY -> true;
            case OTHER -> false;
            case UNKNOWN -> in.stat(entry.name()).map(FileStat::isDirectory).orElse(false);
        };
        if (isDirectory) {
            loosening(in, entry.name(), () -> removeDirectory(trash, in, entry.name()));
        } else {
            loosening(in, entry.name(), () -> in.unlink(entry.name()));
        }
    }

    private void removeDirectory(Tree trash, Tree in, byte[] name) throws LinuxException {
        if (in != trash) {
            if (!in.rmdir(name)) {
                moveIn(trash, in, name);
            }
            return;
        }
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
                from.rename(name, trash, ("t" + next.incrementAndGet()).getBytes(StandardCharsets.US_ASCII));
                return;
            } catch (LinuxException e) {
                if (!e.is(Errno.ENOTEMPTY) && !e.is(Errno.EEXIST) && !e.is(Errno.ENOTDIR) && !e.is(Errno.EISDIR)) {
                    throw e;
                }
            }
        }
    }

    @FunctionalInterface
    private interface Step {
        void take() throws LinuxException;
    }

    /** A privileged container may set these attributes on its files; they bind even root. */
    private static void loosening(Tree in, byte[] name, Step step) throws LinuxException {
        try {
            step.take();
        } catch (LinuxException e) {
            if (!e.is(Errno.EPERM)) {
                throw e;
            }
            in.makeOrdinary();
            Optional<FileStat> stat = in.stat(name);
            if (stat.map(FileStat::isRegular).orElse(false)) {
                try (OpenFile file = in.read(name)) {
                    file.makeOrdinary();
                }
            } else if (stat.map(FileStat::isDirectory).orElse(false)) {
                try (Tree directory = in.enter(name)) {
                    directory.makeOrdinary();
                }
            }
            step.take();
        }
    }
}
