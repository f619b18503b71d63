package io.cairn.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What there is on this host of one node, by the kernel's word and the tools': nothing here asks Cairn. */
final class HostView {
    private static final Path PROC = Path.of("/proc");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private final TestNode node;

    HostView(TestNode node) {
        this.node = node;
    }

    /** Mount points below the node's directory, in the order they were made (proc_pid_mountinfo(5)). */
    List<Path> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream().map(line -> Path.of(line.split(" ")[4].replace("\\040", " ")))
                .filter(this::isOfPods).toList();
    }

    private boolean isOfPods(Path mountPoint) {
        return mountPoint.startsWith(node.root()) && !node.driver().isBackendsMount(mountPoint);
    }

    /** Pinned namespaces: each is a mount of nsfs, {@code mount point} and {@code net:[4026532…]}. */
    List<String> namespaces() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream().filter(line -> line.contains(" - nsfs "))
                .map(line -> line.split(" ")).filter(fields -> isOfPods(Path.of(fields[4])))
                .map(fields -> fields[4] + " " + fields[3]).toList();
    }

    /** Processes in the node's cgroups, and those that have its directory in their command or work below it. */
    List<Long> processes() throws IOException {
        var found = new ArrayList<Long>();
        try (Stream<Path> entries = Files.list(PROC)) {
            for (Path entry : entries.filter(e -> e.getFileName().toString().matches("[0-9]+")).toList()) {
                long pid = Long.parseLong(entry.getFileName().toString());
                if (pid != ProcessHandle.current().pid() && isOurs(entry)) {
                    found.add(pid);
                }
            }
        }
        return found;
    }

    private boolean isOurs(Path entry) {
        return read(entry.resolve("cgroup")).contains(node.cgroupParent() + "/")
                || read(entry.resolve("cmdline")).contains(node.root().toString()) || worksBelow(entry);
    }

    private boolean worksBelow(Path entry) {
        try {
            return Files.readSymbolicLink(entry.resolve("cwd")).startsWith(node.root());
        } catch (IOException e) {
            return false;
        }
    }

    /** Arguments joined by blanks; empty once the process has ended. */
    static String command(long pid) {
        return read(PROC.resolve(Long.toString(pid)).resolve("cmdline")).replace('\0', ' ').strip();
    }

    /** Of a pod or of what looks after one; the daemon, the driver's backend and the registry are the node's own. */
    boolean isOfPods(long pid) {
        String command = command(pid);
        return !command.isEmpty() && !command.contains("io.cairn.app.Cairn") && !command.contains("docker-registry serve")
                && !node.driver().isBackend(command);
    }

    /** Below the node's cgroup parent, which the parent itself outlives; in every hierarchy, deepest first. */
    List<Path> cgroups() throws IOException {
        var found = new ArrayList<Path>();
        for (Path hierarchy : hierarchies()) {
            Path parent = hierarchy.resolve(node.cgroupParent().substring(1));
            if (Files.isDirectory(parent)) {
                found.addAll(directoriesBelow(parent));
            }
        }
        return found;
    }

    /** The node's cgroup parents themselves. */
    List<Path> cgroupParents() throws IOException {
        return hierarchies().stream().map(h -> h.resolve(node.cgroupParent().substring(1))).filter(Files::isDirectory).toList();
    }

    private static List<Path> hierarchies() throws IOException {
        var found = new ArrayList<>(List.of(CGROUPS));
        try (Stream<Path> below = Files.list(CGROUPS)) {
            below.filter(d -> Files.isDirectory(d, LinkOption.NOFOLLOW_LINKS) && Files.exists(d.resolve("cgroup.procs"))).forEach(found::add);
        }
        return found;
    }

    private static List<Path> directoriesBelow(Path top) throws IOException {
        var found = new ArrayList<Path>();
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException gone) {
                if (!dir.equals(top)) {
                    found.add(dir);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    /** Links on the node's bridge, and virtual Ethernet links that are on no bridge at all, whoever has made them. */
    List<String> links() throws IOException, InterruptedException {
        return Tool.run("ip", "-o", "link", "show", "type", "veth").orThrow().lines()
                .filter(line -> line.contains(" master " + node.bridge() + " ") || !line.contains(" master "))
                .map(line -> line.split(": ")[1]).toList();
    }

    boolean hasBridge() {
        return Files.exists(Path.of("/sys/class/net", node.bridge()));
    }

    /** Packet filter rules that name the node's network, which portmap writes into a rule's comment, or its bridge. */
    List<String> rules() throws IOException, InterruptedException {
        return Stream.of("iptables-save", "ip6tables-save").flatMap(tool -> lines(tool))
                .filter(line -> line.contains(node.network() + "\\\"") || line.contains(node.bridge())).toList();
    }

    static Stream<String> lines(String tool) {
        try {
            return Tool.run(tool).orThrow().lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted while %s ran".formatted(tool), e));
        }
    }

    /** Addresses that are given out (host-local keeps a file for each, beside its own bookkeeping). */
    List<Path> addresses() throws IOException {
        return filesBelow(node.ipamDir()).stream().filter(f -> f.getFileName().toString().matches("[0-9a-f]*[.:][0-9a-f.:]+")).toList();
    }

    /** Everything named after a pod or a container: their ids are 64 hexadecimal digits. Blobs are named by digests, too. */
    List<Path> namedById(List<String> ids) throws IOException {
        var found = new ArrayList<Path>();
        for (Path top : List.of(node.stateDir(), node.runDir(), node.cniCache(), node.ipamDir())) {
            for (Path path : entriesBelow(top)) {
                if (ids.stream().anyMatch(id -> path.getFileName().toString().contains(id))) {
                    found.add(path);
                }
            }
        }
        return found;
    }

    static List<Path> filesBelow(Path top) throws IOException {
        return entriesBelow(top).stream().filter(p -> !Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)).toList();
    }

    private static List<Path> entriesBelow(Path top) throws IOException {
        var found = new ArrayList<Path>();
        if (!Files.exists(top)) {
            return found;
        }
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                found.add(dir);
                // A container's root may be as large as its image, and nothing of Cairn's own is in it.
                boolean isRoot = dir.getFileName().toString().equals("rootfs") || dir.getFileName().toString().equals("layers");
                return isRoot ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                found.add(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    /** What cannot be read is of a process that is gone. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
