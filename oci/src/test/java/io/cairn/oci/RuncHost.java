package io.cairn.oci;

import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real runc with state, bundles, cgroups and namespaces of its own. Closing it deletes its containers, its cgroups and the
 * processes that hold its namespaces, whatever happened before.
 */
final class RuncHost implements AutoCloseable {
    private static final Path RUNC = Path.of("/usr/sbin/runc");
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final long DEADLINE_SECONDS = 30;

    private final Path dir;
    private final String cgroupParent;
    private final List<String> ids = new ArrayList<>();
    private final List<Process> holders = new ArrayList<>();

    RuncHost(Path dir) throws IOException {
        if (!Files.isExecutable(RUNC) || !Files.isExecutable(BUSYBOX)) {
            throw new IOException("Expected %s and %s: apt-get install runc busybox-static".formatted(RUNC, BUSYBOX));
        }
        this.dir = dir;
        this.cgroupParent = "/cairn-oci-test-" + Long.toHexString(System.nanoTime());
        Files.createDirectories(dir.resolve("state"));
        rootfs();
    }

    record Result(int exitCode, String out, String err) {
        String line() {
            return out.strip();
        }
    }

    String cgroupParent() {
        return cgroupParent;
    }

    Path rootfs() throws IOException {
        Path rootfs = dir.resolve("rootfs");
        if (!Files.exists(rootfs)) {
            for (String name : List.of("bin", "etc", "proc", "sys", "dev", "tmp", "data")) {
                Files.createDirectories(rootfs.resolve(name));
            }
            Files.copy(BUSYBOX, rootfs.resolve("bin/busybox"));
            for (String applet : must("/bin/busybox", "--list").split("\n")) {
                if (!applet.equals("busybox")) {
                    Files.createSymbolicLink(rootfs.resolve("bin").resolve(applet), Path.of("busybox"));
                }
            }
            Files.writeString(rootfs.resolve("etc/passwd"), Fixtures.PASSWD);
            Files.writeString(rootfs.resolve("etc/group"), Fixtures.GROUP);
        }
        return rootfs;
    }

    /** Namespaces of a would-be pod: a process that sleeps in them until this is closed. */
    Map<String, Path> namespaces(String... unshareFlags) throws Exception {
        var command = new ArrayList<>(List.of("unshare"));
        command.addAll(List.of(unshareFlags));
        command.addAll(List.of("/bin/busybox", "sh", "-c", "echo ready; exec sleep 600"));
        Process holder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        holders.add(holder);
        if (holder.inputReader().readLine() == null) {
            throw new IOException("Expected " + command + " to start");
        }
        long pid = holder.pid();
        Map<String, Path> paths = HashMap.empty();
        for (String type : List.of("net", "ipc", "uts", "user")) {
            paths = paths.put(type, Path.of("/proc/%d/ns/%s".formatted(pid, type)));
        }
        // With --fork the namespace of the processes is the child's.
        long child = holder.children().findFirst().map(ProcessHandle::pid).orElse(pid);
        return paths.put("pid", Path.of("/proc/%d/ns/pid".formatted(child)));
    }

    /** Runs a spec to its end. */
    Result run(String id, OciSpec spec) throws Exception {
        return runc(List.of("run", "--bundle", bundle(id, spec).toString(), id));
    }

    /** Creates and starts a spec that stays; its output goes to a file, as the container keeps it open. */
    void start(String id, OciSpec spec) throws Exception {
        Result result = runc(List.of("run", "--detach", "--bundle", bundle(id, spec).toString(), id));
        if (result.exitCode() != 0) {
            throw new IOException("Expected runc to start %s, but: %s".formatted(id, result));
        }
    }



    private Path bundle(String id, OciSpec spec) throws IOException {
        ids.add(id);
        Path bundle = Files.createDirectories(dir.resolve("bundle-" + id));
        Files.write(bundle.resolve("config.json"), spec.toJson());
        return bundle;
    }

    private Result runc(List<String> arguments) throws Exception {
        var command = new ArrayList<>(List.of(RUNC.toString(), "--root", dir.resolve("state").toString()));
        command.addAll(arguments);
        return execute(command);
    }

    private Result execute(List<String> command) throws Exception {
        Path out = Files.createTempFile(dir, "out", "");
        Path err = Files.createTempFile(dir, "err", "");
        Process process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IOException("Expected %s to end within %d s".formatted(command, DEADLINE_SECONDS));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static String must(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
        for (String id : ids) {
            runc(List.of("delete", "--force", id));
        }
        for (Process holder : holders) {
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
            holder.destroyForcibly().waitFor();
        }
        try (var hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path hierarchy : hierarchies.filter(Files::isDirectory).toList()) {
                removeCgroup(hierarchy.resolve(cgroupParent.substring(1)));
            }
        }
        removeCgroup(Path.of("/sys/fs/cgroup" + cgroupParent));
    }

    /** A cgroup is removed by rmdir, its files go with it. */
    private static void removeCgroup(Path cgroup) throws IOException {
        if (Files.exists(cgroup)) {
            try (var tree = Files.walk(cgroup)) {
                for (Path path : tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
