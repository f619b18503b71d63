package io.cairn.testkit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Takes a node away by force: processes, mounts, cgroups, links, rules, files. */
final class Demolition {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern OWN_CHAIN = Pattern.compile("-j (CNI-DN-[0-9a-f]+)");

    private final TestNode node;
    private final HostView host;

    Demolition(TestNode node, HostView host) {
        this.node = node;
        this.host = host;
    }

    void run() throws IOException, InterruptedException {
        killProcesses();
        takeFromKernel();
        for (Path parent : host.cgroupParents()) {
            Files.deleteIfExists(parent);
        }
        deleteFiles(node.root());
    }

    /** What a reboot takes: processes of pods, everything in the kernel, the run-time directory. */
    void reboot() throws IOException, InterruptedException {
        // The monitors first: nobody records how the others end.
        kill(pid -> host.isOfPods(pid) && node.driver().isMonitor(HostView.command(pid)));
        kill(host::isOfPods);
        takeFromKernel();
        deleteFiles(node.runDir());
    }

    private void takeFromKernel() throws IOException, InterruptedException {
        unmount();
        for (Path cgroup : host.cgroups()) {
            Files.deleteIfExists(cgroup);
        }
        if (host.hasBridge()) {
            Tool.run("ip", "link", "del", node.bridge()).orThrow();
        }
        removeRules("iptables");
        removeRules("ip6tables");
    }

    private void killProcesses() throws IOException, InterruptedException {
        kill(pid -> true);
    }

    private void kill(Predicate<Long> chosen) throws IOException, InterruptedException {
        for (List<Long> pids = processes(chosen); !pids.isEmpty(); pids = processes(chosen)) {
            for (long pid : pids) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            awaitEnd(pids);
        }
    }

    private List<Long> processes(Predicate<Long> chosen) throws IOException {
        return host.processes().stream().filter(chosen).toList();
    }

    private static void awaitEnd(List<Long> pids) throws IOException, InterruptedException {
        try {
            Await.until("processes " + pids + " end after SIGKILL", PATIENCE,
                    () -> pids.stream().noneMatch(pid -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)));
        } catch (IOException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private void unmount() throws IOException, InterruptedException {
        for (List<Path> mounts = host.mounts(); !mounts.isEmpty(); mounts = host.mounts()) {
            Tool.run("umount", "-l", mounts.getLast().toString()).orThrow();
        }
    }

    /** portmap's rules of one pod: a jump out of a chain of all, to a chain of its own. */
    private void removeRules(String tool) throws IOException, InterruptedException {
        List<String> jumps = HostView.lines(tool + "-save").filter(l -> l.startsWith("-A ") && l.contains(node.network() + "\\\"")).toList();
        if (jumps.isEmpty()) {
            return;
        }
        List<String> chains = jumps.stream().flatMap(l -> OWN_CHAIN.matcher(l).results()).map(r -> chain(r)).distinct().toList();
        var input = new StringBuilder("*nat\n");
        jumps.stream().filter(l -> l.contains("-j CNI-DN-")).forEach(l -> input.append("-D").append(l.substring(2)).append('\n'));
        chains.forEach(c -> input.append("-F ").append(c).append("\n-X ").append(c).append('\n'));
        Tool.feed(input.append("COMMIT\n").toString(), tool + "-restore", "--noflush").orThrow();
    }

    private static String chain(MatchResult jump) {
        return jump.group(1);
    }

    private static void deleteFiles(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
