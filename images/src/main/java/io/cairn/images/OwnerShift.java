package io.cairn.images;

import io.cairn.linux.FileHandle;
import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.OpenFile;
import io.cairn.linux.Tree;
import io.cairn.linux.TreeWalk;
import io.vavr.control.Option;
import java.util.Arrays;

/**
 * Gives every file of a fresh snapshot to its owner on this machine, where the kernel cannot show it so: overlayfs copies each of
 * them up for that. Each name is met once, also one of several for the same file, since overlayfs parts them as it copies. To be
 * done once: a snapshot in which it was cut short is of no use.
 */
final class OwnerShift implements AutoCloseable {
    private static final String CAPABILITY = "security.capability";

    private final Tree root;
    private final Owners owners;
    private byte[] directory = new byte[0];
    private Tree at;

    private OwnerShift(Tree root, Owners owners) throws LinuxException {
        this.root = root;
        this.owners = owners;
        this.at = root.enter(RawPath.bytes("."));
    }

    /** @param root of the mounted snapshot; its own owner is right */
    static void run(Tree root, Owners owners) throws LinuxException {
        try (var shift = new OwnerShift(root, owners)) {
            TreeWalk.visit(root.enter(RawPath.bytes(".")), shift::visit);
        }
    }

    private void visit(byte[] path, FileStat stat) throws LinuxException {
        int slash = lastSlash(path);
        goTo(Arrays.copyOf(path, Math.max(slash, 0)));
        byte[] name = Arrays.copyOfRange(path, slash + 1, path.length);
        if (stat.isDirectory()) {
            try (Tree own = at.enter(name)) {
                give(own, stat);
            }
        } else if (stat.isRegular()) {
            try (OpenFile own = at.read(name)) {
                give(own, stat);
            }
        } else {
            at.chown(name, owners.uid(stat), owners.gid(stat));
        }
    }

    /** A new owner costs a program its set-id bits and its capabilities (chown(2)): they are given back. */
    private void give(FileHandle file, FileStat stat) throws LinuxException {
        Option<byte[]> capability = stat.isRegular() ? Option.ofOptional(file.xattr(CAPABILITY)) : Option.none();
        file.chown(owners.uid(stat), owners.gid(stat));
        file.chmod(stat.permissions());
        if (capability.isDefined()) {
            file.setXattr(CAPABILITY, capability.get());
        }
    }

    private void goTo(byte[] path) throws LinuxException {
        if (!Arrays.equals(path, directory)) {
            Tree next = root.enter(path.length == 0 ? RawPath.bytes(".") : path);
            at.close();
            at = next;
            directory = path;
        }
    }

    private static int lastSlash(byte[] path) {
        int at = path.length - 1;
        while (at >= 0 && path[at] != '/') {
            at--;
        }
        return at;
    }

    @Override
    public void close() {
        at.close();
    }
}
