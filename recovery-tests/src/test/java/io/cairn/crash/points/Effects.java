package io.cairn.crash.points;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which calls of the production code change the world outside of it. Everything that could is listed, as an effect or as none;
 * what is not listed fails a test, so that nobody adds an effect without its points.
 */
final class Effects {
    /** What a call is. */
    enum Kind {
        EFFECT,
        /** Goes on after the call: one more point stands behind it. */
        PROCESS,
        /** An effect if its options say so. */
        OPENING,
        NONE
    }

    private static final String LIBC = "io.cairn.linux.";

    /** By owner: the methods that are effects. Libc is bound by interfaces named Calls, one for each class that needs some. */
    private static final Map<String, Set<String>> EFFECTS = Map.of(
            "java.nio.file.Files", Set.of("copy", "createDirectories", "createDirectory", "createFile", "createLink",
                    "createSymbolicLink", "createTempDirectory", "delete",
                    "deleteIfExists", "move", "newOutputStream", "setAttribute", "setLastModifiedTime", "setPosixFilePermissions", "write"),
            "java.nio.channels.FileChannel", Set.of("force", "truncate", "write"),
            "java.lang.Process", Set.of("destroy", "destroyForcibly"),
            "java.lang.ProcessHandle", Set.of("destroy", "destroyForcibly"),
            LIBC, Set.of("fallocate", "fchmod", "fchmodat", "fchown", "fchownat", "fdatasync", "fsetxattr", "fsync", "ftruncate", "futimens",
                    "ioctl", "kill", "linkat", "lsetxattr", "mkdir", "mkdirat", "mknodat", "mount", "pwrite", "renameat", "sethostname", "splice",
                    "symlinkat", "syncfs",
                    "umount2", "unlinkat", "unshare", "utimensat", "write"),
            "net.openhft.chronicle.queue.ExcerptAppender", Set.of("writeBytes"),
            "net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder", Set.of("build"),
            "org.rocksdb.RocksDB", Set.of("destroyDB", "flush", "ingestExternalFile", "open", "write"),
            "io.cairn.core.engine.EventLog", Set.of("append", "sync"),
            "io.cairn.core.engine.Projector", Set.of("apply"));

    private static final Map<String, Set<String>> NONE = Map.ofEntries(
            Map.entry("java.nio.file.Files", Set.of("exists", "getAttribute", "getLastModifiedTime",
                    "getPosixFilePermissions", "isDirectory", "isExecutable",
                    "isReadable", "isRegularFile", "isSymbolicLink", "lines", "list", "newDirectoryStream", "newInputStream", "notExists",
                    "readAllBytes",
                    "readAllLines", "readAttributes", "readString", "readSymbolicLink", "size", "walk", "walkFileTree")),
            Map.entry("java.nio.channels.FileChannel", Set.of("close", "map", "position", "read", "size", "tryLock")),
            Map.entry("java.lang.ProcessBuilder", Set.of("<init>", "directory", "environment", "redirectError", "redirectErrorStream",
                    "redirectInput",
                    "redirectOutput")),
            // What is written to a process is the process' to act on.
            Map.entry("java.lang.Process", Set.of("exitValue", "getErrorStream", "getInputStream", "getOutputStream", "inputReader",
                    "isAlive", "pid",
                    "toHandle", "waitFor")),
            Map.entry("java.lang.ProcessHandle", Set.of("current", "descendants", "info", "isAlive", "of", "onExit", "pid")),
            Map.entry("java.lang.Runtime", Set.of("addShutdownHook", "availableProcessors", "getRuntime", "halt", "version")),
            Map.entry(LIBC, Set.of("close", "connect", "epoll_create1", "epoll_ctl", "epoll_wait", "eventfd", "fcntl",
                    "posix_spawn_file_actions_addchdir_np",
                    "posix_spawn_file_actions_addclosefrom_np", "posix_spawn_file_actions_adddup2", "posix_spawn_file_actions_addopen",
                    "posix_spawn_file_actions_destroy", "posix_spawn_file_actions_init", "posix_spawnattr_destroy", "posix_spawnattr_init",
                    "posix_spawnattr_setflags", "posix_spawnattr_setpgroup", "posix_spawnattr_setsigdefault", "posix_spawnattr_setsigmask",
                    "shutdown", "sigemptyset", "sigfillset", "waitpid", "fgetxattr", "flistxattr", "flock", "fstatvfs", "getdents64",
                    "msync", "open", "pipe2", "poll", "pread", "read",
                    "readlinkat", "setns", "socket", "statfs", "statx")),
            Map.entry("jnr.posix.POSIX", Set.of("geteuid")),
            Map.entry("net.openhft.chronicle.queue.ExcerptAppender", Set.of("close", "singleThreadedCheckDisabled")),
            Map.entry("net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder", Set.of("binary", "blockSize", "indexCount",
                    "indexSpacing",
                    "rollCycle", "syncMode", "timeProvider")),
            Map.entry("org.rocksdb.RocksDB", Set.of("close", "get", "loadLibrary", "newIterator", "openReadOnly", "verifyChecksum")),
            Map.entry("io.cairn.core.engine.Projector", Set.of("close")),
            Map.entry("io.cairn.core.engine.EventLog", Set.of("close", "epoch", "head", "nextSequence", "prepare")));

    /** Of containerd's services: their stubs are generated, and are all that calls them, but for the stream of a blob, whose pieces are effects. */
    static final String STUBS = "io.cairn.driver.containerd.proto.";
    private static final String STREAM = "io.grpc.stub.BlockingClientCall";
    private static final Set<String> CALLS = Set.of("abort", "addResource", "apply", "checkpoint", "closeIO", "commit", "create", "delete",
            "deleteProcess", "exec", "kill", "pause", "prepare", "remove", "resizePty", "resume", "start", "update", "view");
    private static final Set<String> QUESTIONS = Set.of("get", "info", "list", "listStatuses", "mounts", "plugins", "read", "server", "stat",
            "subscribe", "usage", "version", "wait", "withDeadlineAfter", "withOption", "write");

    /** Of Docker: one method for each call of its API. What an image is given to it in goes file by file. */
    private static final String ENGINE = "io.cairn.driver.docker.engine.Engine";
    private static final String ARCHIVE = "io.cairn.driver.docker.images.DockerArchive$Content";
    private static final Set<String> ENGINE_CALLS = Set.of("createContainer", "createExec", "killContainer", "loadImage", "removeContainer",
            "removeImage", "resizeContainer", "resizeExec", "startContainer", "startExec", "tagImage", "updateContainer");
    private static final Set<String> ENGINE_QUESTIONS = Set.of("<init>", "api", "askForFile", "attach", "call", "close", "container", "containers", "events",
            "exec", "file", "find", "get", "hasDied", "image", "images", "info", "post", "socket", "stream", "version",
            "writtenBytes", "writtenDirectory");

    /** Ways to the world that are not used at all today. */
    private static final Set<String> UNUSED = Set.of("java.io.FileOutputStream", "java.io.FileWriter", "java.io.RandomAccessFile",
            "java.nio.channels.AsynchronousFileChannel");

    private Effects() {}

    /** Of a call by its owner's and its own name; none where it cannot touch the world, empty second where nobody has said. */
    static Optional<Optional<Kind>> of(String owner, String method, int parameters) {
        String listed = owner.startsWith(LIBC) && owner.endsWith("$Calls") ? LIBC : owner;
        boolean beginsProcess = listed.equals("java.lang.ProcessBuilder") && method.equals("start")
                || listed.equals(LIBC) && method.equals("posix_spawn");
        if (beginsProcess) {
            return known(Kind.PROCESS);
        }
        if (listed.equals(LIBC) && method.equals("write") && !owner.contains(".OpenFile$") && !owner.contains(".FileCalls$")) {
            // Into pipes and sockets: what is said to a process is the process' to act on.
            return known(Kind.NONE);
        }
        boolean mayMakeFile = listed.equals("java.nio.channels.FileChannel") && method.equals("open")
                || listed.equals(LIBC) && (method.equals("openat") || method.equals("open") && parameters == 3);
        if (mayMakeFile) {
            return known(Kind.OPENING);
        }
        if (listed.equals(LIBC) && method.equals("syscall")) {
            // One class walks paths by it (openat2), the others send signals (pidfd_send_signal) and mount (move_mount).
            return known(owner.contains(".FileCalls$") ? Kind.NONE : Kind.EFFECT);
        }
        if (owner.equals(STREAM)) {
            return known(method.equals("write") ? Kind.EFFECT : Kind.NONE);
        }
        if (owner.startsWith(STUBS) && owner.endsWith("Stub")) {
            return CALLS.contains(method) ? known(Kind.EFFECT) : Optional.of(Optional.of(Kind.NONE).filter(none -> QUESTIONS.contains(method)));
        }
        if (owner.equals(ENGINE)) {
            return ENGINE_CALLS.contains(method) ? known(Kind.EFFECT)
                    : Optional.of(Optional.of(Kind.NONE).filter(none -> ENGINE_QUESTIONS.contains(method) || method.startsWith("lambda$")));
        }
        if (owner.equals(ARCHIVE)) {
            return known(method.equals("writeTo") ? Kind.EFFECT : Kind.NONE);
        }
        if (EFFECTS.getOrDefault(listed, Set.of()).contains(method)) {
            return known(Kind.EFFECT);
        }
        if (NONE.getOrDefault(listed, Set.of()).contains(method)) {
            return known(Kind.NONE);
        }
        boolean isWatched = EFFECTS.containsKey(listed) || NONE.containsKey(listed) || UNUSED.contains(owner);
        return isWatched ? Optional.of(Optional.empty()) : Optional.empty();
    }

    private static Optional<Optional<Kind>> known(Kind kind) {
        return Optional.of(Optional.of(kind));
    }

}
