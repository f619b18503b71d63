package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Command;
import io.cairn.driver.host.Command.Ended;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.PodInit;
import io.cairn.driver.host.WallClock;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.UUID;

/**
 * Finds the OCI runtime that works on this host, by having it create a container: crun, for one, answers {@code --version}
 * everywhere but refuses to run where cgroup v1 controllers have a cgroup2 beside them. A runtime that has worked is not tried
 * again until it is another file or the host was booted anew.
 */
record RuntimeChoice(RuncLayout layout, Boot boot, Answers answers, boolean systemdCgroup, String architecture, Duration deadline) {
    private static final List<String> NAMES = List.of("runc", "crun");
    static final String ID_PREFIX = "cairn-check-";
    private static final int VERSION_CHARS_MAX = 200;

    /** @param version its first line of {@code --version} */
    record Working(OciRuntime runtime, String version) {}

    Working choose(Option<Path> configured) throws DriverException {
        List<Path> candidates = configured.isDefined() ? List.of(configured.get()) : candidates();
        List<String> refusals = List.empty();
        for (Path binary : candidates) {
            Either<String, Working> tried = attempt(binary);
            if (tried.isRight()) {
                return tried.get();
            }
            refusals = refusals.append(binary + ": " + tried.getLeft());
        }
        throw Failures.of(Failure.Kind.UNAVAILABLE, "Expected an OCI runtime that works on this host (runc or crun), but %s",
                refusals.isEmpty() ? "none is installed in " + Command.PATH : refusals.mkString("; "));
    }

    /** Programs of this host that may be one that works, the best first. */
    static List<Path> candidates() {
        return NAMES.flatMap(name -> List.of(Command.PATH.split(":")).map(dir -> Path.of(dir, name)).filter(Files::isExecutable)
                // /bin and /sbin are links to the same.
                .distinctBy(RuntimeChoice::real));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    /** The runtime of a configured handler: what it keeps lies apart from what others keep. */
    OciRuntime of(Path binary, List<String> arguments) {
        return new OciRuntime(binary, layout.runtimeRoot().resolve(binary.getFileName()), arguments, systemdCgroup, deadline);
    }

    private Either<String, Working> attempt(Path binary) {
        if (!Files.isExecutable(binary)) {
            return Either.left("it is not there, or is no program");
        }
        OciRuntime runtime = of(binary, List.empty());
        try {
            Ended version = answers.to(new Command("Asking for the version", List.of(binary.toString(), "--version"), HashMap.empty(),
                    Path.of("/"), deadline, 1 << 16));
            if (!version.succeeded()) {
                return Either.left("--version ended with exit code %d: %s".formatted(version.exitCode(), version.said()));
            }
            String line = version.stdout().toStringUtf8().lines().findFirst().orElse("");
            String title = line.length() <= VERSION_CHARS_MAX ? line : line.substring(0, VERSION_CHARS_MAX);
            check(runtime, title);
            return Either.right(new Working(runtime, title));
        } catch (DriverException e) {
            return Either.left(e.getMessage());
        } catch (IOException e) {
            return Either.left(Failures.io("trying it failed", e).getMessage());
        }
    }

    private void check(OciRuntime runtime, String version) throws IOException, DriverException {
        Path memory = layout.run().resolve("runtime-check.json");
        ObjectNode now = FileTrees.JSON.createObjectNode().put("boot_id", boot.id()).put("binary", runtime.binary().toString())
                .put("version", version)
                // As text: a number read back need not be equal to one put in, as small ones become ints.
                .put("size_bytes", Long.toString(Files.size(runtime.binary())))
                .put("modified_nanos", Long.toString(WallClock.modified(runtime.binary())));
        if (FileTrees.readObject(memory).contains(now)) {
            return;
        }
        Path bundle = layout.state().resolve("runtime-check");
        // A name nobody else has: its cgroup lies beside those of other daemons on this host, and of a killed daemon's last command.
        String id = ID_PREFIX + UUID.randomUUID();
        try {
            FileTrees.delete(bundle);
            makeBundle(bundle, id);
            deleteChecks(runtime);
            runtime.runDetached(id, bundle, bundle.resolve("pid"), bundle.resolve("log"));
        } finally {
            deleteChecks(runtime);
            FileTrees.delete(bundle);
        }
        FileTrees.write(memory, now);
    }

    /** This one and those that were cut short. */
    private static void deleteChecks(OciRuntime runtime) throws IOException, DriverException {
        for (String left : FileTrees.names(runtime.root()).filter(name -> name.startsWith(ID_PREFIX))) {
            runtime.delete(left);
        }
    }

    /** The least container there is. It asks for cgroups by having a path for them; its program is {@link PodInit}. */
    private void makeBundle(Path bundle, String id) throws IOException, DriverException {
        Path rootfs = FileTrees.directory(bundle.resolve("rootfs"));
        Files.setPosixFilePermissions(Files.write(rootfs.resolve("init"), PodInit.program(architecture)),
                PosixFilePermissions.fromString("r-xr-xr-x"));
        ObjectNode spec = FileTrees.JSON.createObjectNode().put("ociVersion", "1.0.2");
        ObjectNode process = spec.putObject("process").put("terminal", false).put("cwd", "/").put("noNewPrivileges", true);
        process.putObject("user").put("uid", 0).put("gid", 0);
        process.putArray("args").add("/init");
        process.putArray("env").add("PATH=/");
        spec.putObject("root").put("path", rootfs.toString());
        spec.putArray("mounts").addObject().put("destination", "/proc").put("type", "proc").put("source", "proc");
        ObjectNode linux = spec.putObject("linux");
        linux.put("cgroupsPath", systemdCgroup ? "system.slice:cairn:" + id : "/" + id);
        for (String type : List.of("pid", "mount", "ipc", "uts", "network")) {
            linux.withArray("namespaces").addObject().put("type", type);
        }
        FileTrees.write(bundle.resolve("config.json"), spec);
    }
}
