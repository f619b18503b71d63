package io.cairn.driver.host;

import io.cairn.linux.Mounts;
import io.cairn.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What there is on the host below a test's directory and cgroup, looked up without the driver. */
public record Host(Path dir, String cgroup) {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    /** Mounts and pinned namespaces. */
    public List<String> mounts() throws IOException {
        return Mounts.table().stream().filter(m -> m.target().startsWith(dir)).map(m -> m.type() + " " + m.target()).toList();
    }

    /** Processes that carry the directory in their arguments, such as conmon, and those in a cgroup of the test. */
    public List<String> processes() throws IOException {
        var found = new ArrayList<String>();
        for (Processes.Stat stat : Processes.all()) {
            List<String> arguments = Processes.commandLine(stat.pid());
            boolean ours = stat.pid() != ProcessHandle.current().pid() && !stat.hasEnded()
                    && (arguments.stream().anyMatch(a -> a.contains(dir.toString())) || cgroupOf(stat.pid()).contains(cgroup + "/"));
            if (ours) {
                found.add(stat.pid() + " " + String.join(" ", arguments));
            }
        }
        return found;
    }

    private static String cgroupOf(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cgroup"));
        } catch (IOException ended) {
            return "";
        }
    }

    public List<Path> cgroups() throws IOException {
        var found = new ArrayList<Path>();
        List<Path> tops;
        try (var list = Files.list(CGROUPS)) {
            tops = new ArrayList<>(list.filter(p -> Files.isDirectory(p, java.nio.file.LinkOption.NOFOLLOW_LINKS)).toList());
        }
        tops.add(CGROUPS);
        for (Path top : tops) {
            Path own = top.resolve(cgroup.substring(1));
            if (Files.isDirectory(own)) {
                try (var below = Files.walk(own)) {
                    below.filter(Files::isDirectory).filter(p -> !p.equals(own)).forEach(found::add);
                }
            }
        }
        return found;
    }

    /** After a test, whatever became of it. */
    public void clean() throws Exception {
        for (Processes.Stat stat : Processes.all()) {
            boolean named = Processes.commandLine(stat.pid()).stream().anyMatch(a -> a.contains(dir.toString()));
            if (stat.pid() != ProcessHandle.current().pid() && (named || cgroupOf(stat.pid()).contains(cgroup + "/"))) {
                Processes.signal(stat.pid(), stat.startTicks(), Processes.SIGKILL);
            }
        }
        Await.until("the end of all processes of the test", () -> processes().isEmpty());
        List<Mounts.Entry> mounts = new ArrayList<>(Mounts.table());
        java.util.Collections.reverse(mounts);
        for (Mounts.Entry mount : mounts) {
            if (mount.target().startsWith(dir)) {
                Mounts.unmount(mount.target());
            }
        }
        List<Path> cgroups = cgroups();
        java.util.Collections.reverse(cgroups);
        for (Path path : cgroups) {
            Files.deleteIfExists(path);
        }
        try (var tops = Files.list(CGROUPS)) {
            for (Path top : tops.toList()) {
                Files.deleteIfExists(top.resolve(cgroup.substring(1)));
            }
        }
    }
}
