package io.cairn.oci;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
    private final ArrayDeque<Path> mounts = new ArrayDeque<>();

    RuncHost(Path dir) throws Exception {
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

    Path rootfs() throws Exception {
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
        return paths;
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



    /** The first process of a running container, as the host counts. */
    long pid(String id) throws Exception {
        return new ObjectMapper().readTree(runc(List.of("state", id)).out()).path("pid").asLong();
    }

    Result exec(String id, ExecSpec process) throws Exception {
        Path file = Files.write(dir.resolve("process.json"), process.toJson());
        return runc(List.of("exec", "--process", file.toString(), id));
    }

    Result update(String id, ResourceUpdate update) throws Exception {
        Path file = Files.write(dir.resolve("resources.json"), update.toJson());
        return runc(List.of("update", "--resources", file.toString(), id));
    }

    /** A file of the container's cgroup, of the v1 hierarchy of a controller or of cgroup2, whichever this host has. */
    String cgroupFile(CgroupLayout layout, String id, String controller, String v1Name, String v2Name) throws IOException {
        Path top = Path.of("/sys/fs/cgroup");
        Path cgroup = (layout == CgroupLayout.UNIFIED ? top : top.resolve(controller)).resolve(cgroupParent.substring(1)).resolve(id);
        return Files.readString(cgroup.resolve(layout == CgroupLayout.UNIFIED ? v2Name : v1Name)).strip();
    }

    /** Mounts that this made, undone when it is closed. */
    void mount(Path target, String... arguments) throws Exception {
        Files.createDirectories(target);
        must(concat("mount", concat("-t", "tmpfs", "none", target.toString())));
        mounts.addFirst(target);
        if (arguments.length > 0) {
            must(concat("mount", concat(arguments, target.toString())));
        }
    }

    private static String[] concat(String first, String... rest) {
        return Stream.concat(Stream.of(first), Stream.of(rest)).toArray(String[]::new);
    }

    private static String[] concat(String[] first, String last) {
        return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
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

    private static String must(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("Expected %s to work, but: %s".formatted(List.of(command), output));
        }
        return output;
    }

    @Override
    public void close() throws Exception {
        var steps = new ArrayList<Step>();
        ids.forEach(id -> steps.add(() -> runc(List.of("delete", "--force", id))));
        holders.forEach(holder -> steps.add(() -> holder.destroyForcibly().waitFor()));
        mounts.forEach(mount -> steps.add(() -> must("umount", mount.toString())));
        steps.add(() -> removeCgroup(Path.of("/sys/fs/cgroup" + cgroupParent)));
        try (var hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            hierarchies.filter(Files::isDirectory)
                    .forEach(hierarchy -> steps.add(() -> removeCgroup(hierarchy.resolve(cgroupParent.substring(1)))));
        }
        allOf(steps);
    }

    private interface Step {
        void run() throws Exception;
    }

    /** One step that fails keeps none of the others from being done. */
    private static void allOf(List<Step> steps) throws Exception {
        var failure = new IOException("Expected to leave nothing behind");
        for (Step step : steps) {
            try {
                step.run();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
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
