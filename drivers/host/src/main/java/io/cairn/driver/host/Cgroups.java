package io.cairn.driver.host;

import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The cgroups of one container, on v1 one for each hierarchy (cgroups(7)).
 *
 * @param dirs all carry the container's id in their name, so that a wrong line in a file can never mean another's
 */
public record Cgroups(List<Path> dirs) {
    private static final Path TOP = Path.of("/sys/fs/cgroup");
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /**
     * Where the OCI runtime makes them; none at a path that does not name the container.
     *
     * @param cgroupsPath as in the OCI spec: {@code /parent/ID}, or {@code parent.slice:cairn:ID} for systemd
     */
    public static Cgroups at(String cgroupsPath, String id) throws IOException {
        Path below = Path.of("/").relativize(Path.of(path(cgroupsPath)));
        return new Cgroups(hierarchies().map(h -> h.resolve(below).normalize())
                .filter(d -> d.startsWith(TOP) && d.getFileName().toString().contains(id)));
    }

    /** From what the OCI spec says to where it is in every hierarchy. */
    public static String path(String cgroupsPath) {
        String[] parts = cgroupsPath.split(":");
        return parts.length == 3 ? "%s/%s-%s.scope".formatted(slices(parts[0]), parts[1], parts[2]) : cgroupsPath;
    }

    /** Where the containers of a pod are that was given a cgroup of its own. */
    public static Option<String> ofPod(String cgroupParent, boolean systemd) {
        String parent = cgroupParent.startsWith("/") ? cgroupParent : "/" + cgroupParent;
        String last = parent.substring(parent.lastIndexOf('/') + 1);
        return Option.when(!last.isEmpty(), () -> systemd ? slices(last) : parent);
    }

    /** systemd.slice(5): a-b.slice lies in a.slice. */
    private static String slices(String slice) {
        String name = slice.endsWith(".slice") ? slice.substring(0, slice.length() - ".slice".length()) : slice;
        var path = new StringBuilder();
        for (int dash = name.indexOf('-'); dash >= 0; dash = name.indexOf('-', dash + 1)) {
            path.append('/').append(name, 0, dash).append(".slice");
        }
        return path.append('/').append(name).append(".slice").toString();
    }

    private static List<Path> hierarchies() throws IOException {
        if (Files.exists(TOP.resolve("cgroup.controllers"))) {
            return List.of(TOP);
        }
        // Links among them (cpu to cpu,cpuacct) name the same hierarchy twice.
        try (var found = Files.newDirectoryStream(TOP, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
            return List.ofAll(found);
        }
    }

    /** Pids in any of them, subgroups included; none where the cgroup is gone. */
    public List<Long> processes() throws IOException {
        List<Long> pids = List.empty();
        for (Path dir : dirs) {
            pids = pids.appendAll(processes(dir));
        }
        return pids.distinct();
    }

    private static List<Long> processes(Path dir) throws IOException {
        List<Long> pids = List.empty();
        try {
            for (String line : Files.readAllLines(dir.resolve("cgroup.procs"))) {
                pids = pids.append(Long.parseLong(line.strip()));
            }
            try (var below = Files.newDirectoryStream(dir, Files::isDirectory)) {
                for (Path child : below) {
                    pids = pids.appendAll(processes(child));
                }
            }
        } catch (NoSuchFileException e) {
            return pids;
        } catch (IOException e) {
            // A cgroup that is removed while it is read gives ENODEV, of which Java has no exception of its own.
            if (Files.exists(dir)) {
                throw e;
            }
        }
        return pids;
    }

    /**
     * Kills what is in them until nothing is; what forks faster than that is left, which the result says.
     *
     * @return whether they are empty
     */
    public boolean killAll(long millisMax) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millisMax);
        // Once is enough, however long it takes to die.
        Set<ProcessRef> killed = HashSet.empty();
        for (List<Long> pids = processes(); !pids.isEmpty(); pids = processes()) {
            for (long pid : pids) {
                // The start time comes first: a pid given again after the look at its cgroup is not hit.
                Option<ProcessRef> process = ProcessRef.of(pid);
                if (process.isDefined() && !killed.contains(process.get()) && holds(pid)) {
                    process.get().signal(io.cairn.linux.Processes.SIGKILL);
                    killed = killed.add(process.get());
                }
            }
            thaw();
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    /** What stands still does not die of a signal (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst); in cgroup v2 it does. */
    public void thaw() throws IOException {
        for (Path dir : dirs) {
            Path state = dir.resolve("freezer.state");
            String text = new String(FileTrees.read(state).getOrElse(new byte[0]), StandardCharsets.US_ASCII);
            if (text.startsWith("FR")) {
                Files.write(state, "THAWED".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** Whether a process is in one of them, by the process' own word (proc_pid_cgroup(5)): {@code 4:memory:/a/b}. */
    public boolean holds(long pid) throws IOException {
        return List.of(new String(table(pid), StandardCharsets.UTF_8).split("\n"))
                .map(line -> line.split(":", 3)).filter(fields -> fields.length == 3)
                .exists(fields -> dirs.exists(dir -> (fields[2] + "/").contains("/" + dir.getFileName() + "/")));
    }

    /** Nothing of a process that is gone: between the opening and the reading of the file, that is ESRCH. */
    private static byte[] table(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        try {
            return FileTrees.read(process.resolve("cgroup")).getOrElse(new byte[0]);
        } catch (IOException e) {
            if (Files.exists(process)) {
                throw e;
            }
            return new byte[0];
        }
    }

    /** Whether the kernel killed something in here for want of memory; false where the cgroup is gone. */
    public boolean oomKilled() throws IOException {
        for (Path dir : dirs) {
            for (String file : List.of("memory.oom_control", "memory.events")) {
                String text = new String(FileTrees.read(dir.resolve(file)).getOrElse(new byte[0]), StandardCharsets.US_ASCII);
                if (text.lines().anyMatch(l -> l.startsWith("oom_kill ") && !l.equals("oom_kill 0"))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Removes them, subgroups first; what is gone is not missed. They must be empty. */
    public void remove() throws IOException {
        for (Path dir : dirs) {
            remove(dir);
        }
    }

    private static void remove(Path dir) throws IOException {
        try (var below = Files.newDirectoryStream(dir, Files::isDirectory)) {
            for (Path child : below) {
                remove(child);
            }
        } catch (NoSuchFileException e) {
            return;
        }
        try {
            Files.deleteIfExists(dir);
        } catch (DirectoryNotEmptyException e) {
            throw new IOException("there are still processes or cgroups in " + dir, e);
        }
    }
}
