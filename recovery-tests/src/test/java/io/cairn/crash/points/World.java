package io.cairn.crash.points;

import io.cairn.testkit.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * All that a node is on this host but its journal, its projection and its lock, thing by thing: files by what they are and when they were last
 * written, mounts, cgroups with what is in force in them, processes, and the links of the network. What is equal of one node at two moments was
 * not changed between them.
 *
 * @param exact one line for each thing
 */
record World(List<String> exact) {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path LINKS = Path.of("/sys/class/net");
    private static final Path PROC = Path.of("/proc");
    private static final List<String> IN_FORCE = List.of("cgroup.procs", "cpu.max", "cpu.weight", "memory.max", "cpuset.cpus", "pids.max", "cpu.shares",
            "cpu.cfs_quota_us", "cpu.cfs_period_us", "memory.limit_in_bytes", "freezer.state", "cgroup.freeze");
    private static final Pattern NUMBERED = Pattern.compile("^(mount|process) \\d+ (?:\\d+ \\d+:\\d+ )?");
    private static final Pattern RANDOM = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    /** @param others processes that are known not to be the node's */
    static World of(TestNode node, Set<String> others) throws IOException {
        var lines = new ArrayList<String>();
        files(node, mounts(node, lines), file -> lines.add(exactly(node, file)));
        cgroups(node, lines);
        links(node, lines);
        processes(node, others, lines);
        return new World(List.copyOf(lines));
    }

    /** What two nodes have in common that are at the same moment: no inodes and times, no name of a node's own, but what is in the files. */
    static List<String> alike(TestNode node, Set<String> others) throws IOException {
        var lines = new ArrayList<String>();
        files(node, mounts(node, lines), file -> lines.add(alike(node, file)));
        cgroups(node, lines);
        links(node, lines);
        processes(node, others, lines);
        return lines.stream().map(line -> common(node, line)).sorted().toList();
    }

    /** Without what the kernel, chance or the node has named. */
    static String common(TestNode node, String line) {
        String text = NUMBERED.matcher(line).replaceFirst("$1 ");
        return RANDOM.matcher(text).replaceAll("RANDOM").replace(node.token(), "TOKEN").replace(node.podRange(), "RANGE");
    }

    private interface Note {
        void of(Path file) throws IOException;
    }

    /** @return where something is mounted: what is seen there lies elsewhere */
    private static Set<Path> mounts(TestNode node, List<String> lines) throws IOException {
        var points = new HashSet<Path>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            Path point = Path.of(line.split(" ")[4]);
            if (point.startsWith(node.root())) {
                lines.add("mount " + line);
                points.add(point);
            }
        }
        return points;
    }

    private static void files(TestNode node, Set<Path> mounts, Note note) throws IOException {
        Path state = node.root().resolve("state");
        Set<Path> without = Set.of(state.resolve("journal"), state.resolve("projection"), state.resolve("lock"), node.root().resolve("graves"));
        Files.walkFileTree(node.root(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                if (without.contains(dir)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                note.of(dir);
                return mounts.contains(dir) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!without.contains(file)) {
                    note.of(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                note.of(file);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** The directories in which journal and projection lie are known by what else is in them: those come and go there. */
    private static String exactly(TestNode node, Path file) {
        try {
            Map<String, Object> is = Files.readAttributes(file, "unix:ino,mode,uid,gid,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            boolean isGround = file.equals(node.root()) || file.equals(node.root().resolve("state"));
            return "%s %s %o %s:%s %s".formatted(file, is.get("ino"), is.get("mode"), is.get("uid"), is.get("gid"),
                    isGround ? "" : "%s %s %s".formatted(is.get("nlink"), is.get("size"), is.get("lastModifiedTime")));
        } catch (IOException e) {
            return file + " is gone";
        }
    }

    private static String alike(TestNode node, Path file) {
        try {
            Map<String, Object> is = Files.readAttributes(file, "unix:mode,uid,gid,isRegularFile,isSymbolicLink", LinkOption.NOFOLLOW_LINKS);
            boolean isBoot = file.equals(node.root().resolve("boot-id"));
            String holds = isBoot ? "" : is.get("isRegularFile").equals(true) ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                    : is.get("isSymbolicLink").equals(true) ? Files.readSymbolicLink(file).toString() : "";
            return "%s %o %s:%s %s".formatted(node.root().relativize(file), is.get("mode"), is.get("uid"), is.get("gid"), holds);
        } catch (IOException e) {
            return node.root().relativize(file) + " is gone";
        }
    }

    private static void cgroups(TestNode node, List<String> lines) throws IOException {
        String parent = node.cgroupParent().substring(1);
        for (Path hierarchy : Stream.concat(Stream.of(CGROUPS), HostFacts.names(CGROUPS).stream().map(CGROUPS::resolve)).toList()) {
            if (Files.isDirectory(hierarchy.resolve(parent))) {
                cgroup(hierarchy.resolve(parent), lines);
            }
        }
    }

    private static void cgroup(Path cgroup, List<String> lines) throws IOException {
        lines.add("cgroup " + cgroup);
        for (String name : HostFacts.names(cgroup)) {
            if (IN_FORCE.contains(name)) {
                lines.add(name + " " + HostFacts.text(cgroup.resolve(name)).replace('\n', ' '));
            } else if (!name.contains(".") && Files.isDirectory(cgroup.resolve(name))) {
                cgroup(cgroup.resolve(name), lines);
            }
        }
    }

    /** The bridge of the node, and what is on it. Others' links come and go. */
    private static void links(TestNode node, List<String> lines) throws IOException {
        for (String name : HostFacts.names(LINKS)) {
            if (name.equals(node.bridge()) || isOn(node.bridge(), name)) {
                lines.add("link %s %s".formatted(name, HostFacts.text(LINKS.resolve(name).resolve("ifindex")).strip()));
            }
        }
    }

    private static boolean isOn(String bridge, String link) {
        try {
            return Files.readSymbolicLink(LINKS.resolve(link).resolve("master")).endsWith(bridge);
        } catch (IOException none) {
            return false;
        }
    }

    /** By their numbers: those that are in no way this node's. */
    static Set<String> others(TestNode node) throws IOException {
        Set<String> others = new HashSet<>(pids());
        others.removeIf(pid -> isOf(node, pid));
        return others;
    }

    /** Monitors and commands: those of the node's pods are in its cgroups. */
    private static void processes(TestNode node, Set<String> others, List<String> lines) throws IOException {
        for (String pid : pids()) {
            if (!others.contains(pid) && isOf(node, pid)) {
                lines.add("process " + pid + " " + HostFacts.text(PROC.resolve(pid).resolve("cmdline")).replace('\0', ' '));
            }
        }
    }

    private static List<String> pids() throws IOException {
        String self = Long.toString(ProcessHandle.current().pid());
        return HostFacts.names(PROC).stream().filter(name -> Character.isDigit(name.charAt(0)) && !name.equals(self)).toList();
    }

    private static boolean isOf(TestNode node, String pid) {
        return HostFacts.text(PROC.resolve(pid).resolve("cmdline")).contains(node.root().toString());
    }
}
