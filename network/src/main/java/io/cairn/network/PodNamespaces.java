package io.cairn.network;

import io.cairn.linux.LinuxException;
import io.cairn.linux.Mounts;
import io.cairn.linux.Namespaces;
import io.cairn.linux.Namespaces.Kind;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.Set;

/**
 * Pins a pod's namespaces as files, so that they live without any process in them.
 *
 * <p>A pod's directory holds {@code net}, {@code ipc}, {@code uts} and {@code user}, each a bind mount of the namespace (nsfs).
 * The files are bound last, when the namespaces are set up: a directory in which every wanted file is a namespace is complete,
 * anything else is the remains of a crash and is made anew. Thread-safe; calls for one directory wait for each other.
 */
public final class PodNamespaces {
    private static final String USER = "user";

    private final KeyedLocks<Path> locks = new KeyedLocks<>();
    private final Path unshare;
    private final Path cat;

    public PodNamespaces() {
        this(Path.of("/usr/bin/unshare"), Path.of("/usr/bin/cat"));
    }

    /** @param unshare of util-linux; it and {@code cat} are only needed for pods with a user namespace of their own */
    public PodNamespaces(Path unshare, Path cat) {
        this.unshare = unshare;
        this.cat = cat;
    }

    /** One pod's directory as found; a namespace that a crash left unpinned is none. */
    public record Inventory(Path dir, PinnedNamespaces pinned) {}

    /**
     * Makes the namespaces, sets the host name, brings {@code lo} up, writes the sysctls and pins everything below {@code dir}.
     * Calling it again returns what is pinned. After a failure nothing is left.
     *
     * <p>Allowed sysctls: {@code net.*} for a pod with its own network namespace; {@code kernel.shm*}, {@code kernel.msg*},
     * {@code kernel.sem} and {@code fs.mqueue.*} for one with its own IPC namespace. Names may be written with dots or slashes
     * as in sysctl(8).
     *
     * @param dir absolute; its parent is made where missing (0700)
     */
    public PinnedNamespaces pin(Path dir, NamespaceRequest request) throws NetworkException {
        Set<Kind> kinds = request.kinds();
        List<Sysctl> sysctls = check(dir, request);
        if (kinds.isEmpty() && request.users().isEmpty()) {
            return new PinnedNamespaces(Option.none(), Option.none(), Option.none(), Option.none());
        }
        try (var held = locks.lock(dir)) {
            PinnedNamespaces found = inspect(dir);
            if (found.satisfies(request)) {
                return found;
            }
            clear(dir);
            try {
                make(dir, request, sysctls);
            } catch (Exception e) {
                undo(dir, e);
                throw e;
            }
            return inspect(dir);
        } catch (Exception e) {
            throw new NetworkException(NetworkException.Kind.SYSTEM,
                    "Cannot pin the namespaces %s in %s: %s".formatted(kinds, dir, Text.reason(e)), e);
        }
    }

    /**
     * Pins the network namespace that a process of somebody else holds, for as long as it is wanted. Calling it again does nothing, whatever
     * the process has become. After a failure nothing is left.
     *
     * @param dir absolute; its parent is made where missing (0700)
     * @param held {@code /proc/PID/ns/net}; that the process is still the one which was meant is the caller's to see afterwards
     */
    public Path pinNetwork(Path dir, Path held) throws NetworkException {
        Path file = dir.resolve(Kind.NET.procName());
        try (var lock = locks.lock(dir)) {
            if (Namespaces.isNamespaceFile(file)) {
                return file;
            }
            clear(dir);
            try {
                Files.createDirectories(dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                Mounts.bind(held, Files.createFile(file));
            } catch (Exception e) {
                undo(dir, e);
                throw e;
            }
            return file;
        } catch (Exception e) {
            throw new NetworkException(NetworkException.Kind.SYSTEM,
                    "Cannot pin the network namespace %s in %s: %s".formatted(held, dir, Text.reason(e)), e);
        }
    }

    private static List<Sysctl> check(Path dir, NamespaceRequest request) throws NetworkException {
        if (!dir.isAbsolute() || !dir.equals(dir.normalize())) {
            throw invalid("Expected an absolute, normal path for the pins, but got " + Text.quote(dir.toString()));
        }
        if (request.hostname().isDefined() && !request.uts()) {
            throw invalid("A host name needs a UTS namespace of its own; this pod shares the node's");
        }
        if (!request.users().forAll(UserMapping::isValid)) {
            throw invalid("Expected id mappings with ids from 0 to 2^32-2 and at least one entry, but got " + request.users().get());
        }
        return sysctls(request);
    }

    /** Whether its sysctls belong to namespaces that the pod is to have of its own, for who has them set by somebody else. */
    public static void checkSysctls(NamespaceRequest request) throws NetworkException {
        sysctls(request);
    }

    private static List<Sysctl> sysctls(NamespaceRequest request) throws NetworkException {
        Set<Kind> kinds = request.kinds();
        var parsed = Either.sequence(request.sysctls().toList().map(s -> Sysctl.parse(s._1, s._2, kinds)));
        if (parsed.isLeft()) {
            throw invalid(parsed.getLeft().mkString("; "));
        }
        return parsed.get().toList();
    }

    private void make(Path dir, NamespaceRequest request, List<Sysctl> sysctls) throws Exception {
        Set<Kind> kinds = request.kinds();
        Files.createDirectories(dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (Kind kind : kinds) {
            Files.createFile(dir.resolve(kind.procName()));
        }
        if (request.users().isEmpty()) {
            Namespaces.inNew(kinds, () -> setUpAndBind(dir, request, sysctls));
            return;
        }
        try (var holder = UserNamespaceHolder.start(unshare, cat, kinds, request.users().get())) {
            var theirs = new EnumMap<Kind, Path>(Kind.class);
            kinds.forEach(k -> theirs.put(k, holder.namespace(k.procName())));
            Mounts.bind(holder.namespace(USER), Files.createFile(dir.resolve(USER)));
            Namespaces.inside(theirs, () -> setUpAndBind(dir, request, sysctls));
        }
    }

    /** On a thread in the pod's namespaces. */
    private static Path setUpAndBind(Path dir, NamespaceRequest request, List<Sysctl> sysctls) throws IOException {
        if (request.hostname().isDefined()) {
            Namespaces.setHostname(request.hostname().get());
        }
        if (request.net()) {
            Namespaces.raiseLoopback();
        }
        for (Sysctl sysctl : sysctls) {
            sysctl.apply();
        }
        for (Kind kind : request.kinds()) {
            Mounts.bind(kind.ofThisThread(), dir.resolve(kind.procName()));
        }
        return dir;
    }

    private static void undo(Path dir, Exception cause) {
        try {
            clear(dir);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Unpins everything below {@code dir} and removes it; what is not there is not missed. The namespaces die with their last
     * process.
     *
     * <p>The files are removed after the unmount because that detaches copies of the mounts in other mount namespaces too
     * (the kernel detaches what is mounted on an unlinked file), whatever the propagation: a container that holds a
     * copy of the node's mounts cannot keep a pod's network alive.
     */
    public void unpin(Path dir) throws NetworkException {
        try (var held = locks.lock(dir)) {
            clear(dir);
        } catch (IOException e) {
            throw new NetworkException(NetworkException.Kind.SYSTEM,
                    "Cannot unpin the namespaces in %s: %s".formatted(dir, Text.reason(e)), e);
        }
    }

    private static void clear(Path dir) throws IOException {
        for (Kind kind : Kind.values()) {
            clearFile(dir.resolve(kind.procName()));
        }
        clearFile(dir.resolve(USER));
        try {
            Files.deleteIfExists(dir);
        } catch (DirectoryNotEmptyException e) {
            throw new IOException("expected only net, ipc, uts and user in it, but there is more: move it away", e);
        }
    }

    private static void clearFile(Path file) throws IOException {
        while (Mounts.unmount(file)) {
            // A crash may have stacked mounts: take them all.
        }
        Files.deleteIfExists(file);
    }

    /** Every pod directory below a parent, in the order of their names; none where the parent does not exist. */
    public List<Inventory> list(Path parent) throws NetworkException {
        try (var children = Files.list(parent)) {
            var found = List.<Inventory>empty();
            for (Path dir : children.sorted().toList().reversed()) {
                if (Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
                    found = found.prepend(new Inventory(dir, inspect(dir)));
                }
            }
            return found;
        } catch (NoSuchFileException e) {
            return List.empty();
        } catch (IOException e) {
            throw new NetworkException(NetworkException.Kind.SYSTEM, "Cannot list the pins in %s: %s".formatted(parent, Text.reason(e)), e);
        }
    }

    /** Whether a path is really a namespace, and not just a file with its name; absent counts as no. */
    public boolean isPinned(Path file) throws NetworkException {
        try {
            return Namespaces.isNamespaceFile(file);
        } catch (IOException e) {
            throw new NetworkException(NetworkException.Kind.SYSTEM, "Cannot look at %s: %s".formatted(file, Text.reason(e)), e);
        }
    }

    private static PinnedNamespaces inspect(Path dir) throws LinuxException {
        return new PinnedNamespaces(inspect(dir, Kind.NET.procName()), inspect(dir, Kind.IPC.procName()),
                inspect(dir, Kind.UTS.procName()), inspect(dir, USER));
    }

    private static Option<Path> inspect(Path dir, String name) throws LinuxException {
        Path file = dir.resolve(name);
        return Namespaces.isNamespaceFile(file) ? Option.some(file) : Option.none();
    }

    private static NetworkException invalid(String reason) {
        return new NetworkException(NetworkException.Kind.INVALID_REQUEST, reason);
    }
}
