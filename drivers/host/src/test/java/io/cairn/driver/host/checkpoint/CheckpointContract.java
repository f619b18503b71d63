package io.cairn.driver.host.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.CheckpointBackend.Archived;
import io.cairn.core.driver.CheckpointBackend.Spec;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.Await;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.DriverFixture;
import io.cairn.driver.host.FileTrees;
import io.cairn.images.TarFiles;
import io.cairn.images.TarWriter;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.UserNamespace;
import io.cairn.proto.journal.Failure;
import io.cairn.testkit.TestCriu;
import io.vavr.collection.HashSet;
import io.vavr.control.Option;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Containers that are written down and come back. Where this host's CRIU does not work, what is seen instead is that nothing has happened
 * and that the reason is told.
 */
public abstract class CheckpointContract extends DriverFixture {
    /** Counts, and has changed, added and taken away files before it begins to. */
    private static final String COUNTING = "busybox rm /etc/passwd; busybox mkdir -p /made/deep; echo new > /made/deep/file; "
            + "busybox ln -s file /made/deep/link; i=0; while true; do i=$((i+1)); echo $i > /count.new; busybox mv /count.new /count; "
            + "sleep 0.05; done";

    private static final Archived ABOUT = new Archived("c", "registry.test/app:1", "registry.test/app@sha256:1");
    private static final IDMapping IDS = IDMapping.newBuilder().setHostId(300_000).setLength(65_536).build();

    /** Opens the driver with a setting of its own. */
    protected abstract Driver open(Path directory, String key, String value) throws Exception;

    protected abstract ContainerFiles files(String id);

    /** Past the driver. */
    protected abstract void pause(String id) throws Exception;

    /** What a daemon notes of a start, as one that has died before it did so. */
    protected abstract void forgetStart(String id) throws Exception;

    /**
     * Another CRIU is to be found by containers that are made from now on.
     *
     * @param program none if there is no such file
     * @return what of it a message that is about it names
     */
    protected abstract String useCriu(Path program) throws Exception;

    /** As before {@link #useCriu}. */
    protected abstract void useUsualCriu() throws Exception;

    private int count(String id) throws DriverException {
        return Integer.parseInt(output(id, "cat", "/count"));
    }

    protected String counting(SandboxSpec pod) throws Exception {
        return counting(pod, shell(COUNTING));
    }

    private String counting(SandboxSpec pod, UnaryOperator<ContainerConfig.Builder> config) throws Exception {
        String id = run(pod, config);
        Await.until("a count", () -> exec(id, "sh", "-c", "[ -s /count ]").exitCode() == 0 && count(id) > 3);
        return id;
    }

    protected void assertGoesOn(String id) throws Exception {
        int before = count(id);
        Await.until("a higher count than " + before, () -> count(id) > before);
    }

    private Path archive() throws Exception {
        return Files.createDirectories(dir.resolve("archives-" + random(4))).resolve("archive.tar");
    }

    private static Spec spec(String id, Path location) {
        return new Spec(id, "17", location, 60_000, ABOUT);
    }

    private static ContainerSpec from(ContainerSpec plain, String checkpoint) {
        return new ContainerSpec(plain.id(), plain.sandbox(), plain.config(), plain.imageId(), Option.some(checkpoint));
    }

    @Test
    void aContainerIsWrittenDownGoesOnAndComesBack() throws Exception {
        SandboxSpec pod = pod();
        String id = counting(pod);
        Path archive = archive();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            assertGoesOn(id);
            return;
        }
        Files.writeString(archive, "of before");
        int before = count(id);
        long size = driver.checkpoints().checkpoint(spec(id, archive));
        assertThat(Files.size(archive)).isEqualTo(size);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive))).isEqualTo("rw-------");
        assertThat(FileTrees.names(archive.getParent())).containsExactly("archive.tar");
        assertThat(files(id).checkpointing()).doesNotExist();
        assertGoesOn(id);
        Map<String, String> parts = parts(archive);
        assertThat(parts).containsKeys("config.dump", "spec.dump", "status.dump", "rootfs-diff.tar", "deleted.files", "bind.mounts",
                "stats-dump", "dump.log", "checkpoint/inventory.img", "checkpoint/descriptors.json", "checkpoint/pstree.img");
        assertThat(parts.get("deleted.files")).isEqualTo("[\"/etc/passwd\"]");
        assertThat(driver.checkpoints().read(archive)).isEqualTo(ABOUT);
        assertThat(driver.checkpoints().settle(id, "17")).contains(size);
        assertThat(driver.checkpoints().settle(id, "18")).isEmpty();

        ContainerSpec plain = containerSpec(pod, shell(COUNTING));
        ContainerSpec restored = from(plain, archive.toString());
        driver.createContainer(restored);
        assertThat(driver.probeContainer(restored.id())).isEqualTo(new ContainerProbe.Created());
        var started = run(restored.id());
        assertThat(driver.probeContainer(restored.id())).isEqualTo(new ContainerProbe.Running(started));
        assertThat(count(restored.id())).isGreaterThanOrEqualTo(before);
        assertGoesOn(restored.id());
        assertThat(output(restored.id(), "cat", "/made/deep/link")).isEqualTo("new");
        assertThat(exec(restored.id(), "sh", "-c", "[ -e /etc/passwd ]").exitCode()).isEqualTo(1);
        driver.signalContainer(restored.id(), 9);
        assertThat(exited.await(restored.id()).exitCode()).contains(137);
    }

    @Test
    void anImageThatHoldsACheckpointIsGoneOnFrom() throws Exception {
        SandboxSpec pod = pod();
        String id = counting(pod);
        Path archive = archive();
        assertThat(driver.checkpoints().ofImage(imageId)).isEmpty();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            return;
        }
        driver.checkpoints().checkpoint(spec(id, archive));
        String image = driver.images().pull(registry.image("checkpoint", "{}", Files.readAllBytes(archive)), Credentials.NONE, PullObserver.NONE).id();
        assertThat(driver.checkpoints().ofImage(image)).contains(ABOUT);
        ContainerSpec plain = containerSpec(pod, shell(COUNTING));
        driver.createContainer(from(plain, image));
        driver.images().remove(image, HashSet.of(imageId));
        run(plain.id());
        assertThat(count(plain.id())).isGreaterThan(3);
        assertGoesOn(plain.id());
    }

    /** Whoever pushes an image would choose the capabilities of its processes. */
    @Test
    void imagesThatHoldACheckpointAreRefusedUnlessTheOperatorTrustsThem() throws Exception {
        var tar = new java.io.ByteArrayOutputStream();
        var writer = new TarWriter(tar);
        add(writer, "config.dump", "{\"name\": \"c\"}");
        add(writer, "checkpoint/inventory.img", "made up");
        writer.end();
        String image = driver.images().pull(registry.image("made-up", "{}", tar.toByteArray()), Credentials.NONE, PullObserver.NONE).id();
        assertThat(driver.checkpoints().ofImage(image)).contains(new Archived("c", "", ""));
        String key = "drivers.%s.restore_images".formatted(driver.name());
        driver.close();
        driver = open(dir, key, "off");
        driver.observe(exited);
        assertThatThrownBy(() -> driver.checkpoints().ofImage(image)).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.DENIED);
            assertThat(e.getMessage()).contains(image, key);
        });
        assertThat(driver.checkpoints().ofImage(imageId)).isEmpty();
        restart();
        driver.images().remove(image, HashSet.of(imageId));
    }

    @Test
    void aDaemonThatDiedBeforeItNotedWhoCameBackFindsThem() throws Exception {
        SandboxSpec pod = pod();
        String id = counting(pod);
        Path archive = archive();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            return;
        }
        driver.checkpoints().checkpoint(spec(id, archive));
        ContainerSpec plain = containerSpec(pod, shell(COUNTING));
        driver.createContainer(from(plain, archive.toString()));
        var started = driver.startContainer(plain.id());
        forgetStart(plain.id());
        restart();
        assertThat(driver.probeContainer(plain.id())).isInstanceOfSatisfying(ContainerProbe.Running.class,
                running -> assertThat(running.started().pid()).isEqualTo(started.pid()));
        assertGoesOn(plain.id());
    }

    @Test
    void whatACheckpointThatWasCutOffHasLeftIsTakenAwayAndTheContainerGoesOn() throws Exception {
        String id = counting(pod());
        Path archive = archive();
        Path part = archive.resolveSibling(".archive.tar.part");
        FileTrees.writeDurably(files(id).checkpoint(), new CheckpointRecord("17", part, 0).toJson());
        FileTrees.directory(files(id).checkpointing().resolve("checkpoint"));
        Files.writeString(part, "half");
        pause(id);
        restart();
        assertThat(driver.checkpoints().settle(id, "17")).isEmpty();
        assertThat(FileTrees.names(archive.getParent())).isEmpty();
        assertThat(files(id).checkpointing()).doesNotExist();
        assertGoesOn(id);
        // Whole, and not yet at its place: nobody was told of it.
        FileTrees.writeDurably(files(id).checkpoint(), new CheckpointRecord("18", part, 4).toJson());
        Files.writeString(part, "full");
        assertThat(driver.checkpoints().settle(id, "18")).isEmpty();
        assertThat(part).doesNotExist();
        assertThat(driver.checkpoints().settle(id, "19")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            echo Version: 4.0                                                         | check | ended with exit code 3: no ptrace here; this criu
            echo Version: 3.15.1                                                      | check | CRIU binary not found or too old (<31600)
            echo what?                                                                | check | says "what?"
            """)
    void aCriuThatCannotWorkHereIsNamedWithWhatItSaid(String version, String verb, String told) throws Exception {
        Path fake = program("case $1 in --version) %s;; %s) echo no ptrace here >&2; exit 3;; esac".formatted(version, verb));
        assertRefusedWith(fake, told);
    }

    @Test
    void withoutCriuWhatToInstallIsSaid() throws Exception {
        assertRefusedWith(Path.of("/nowhere/criu"), "install the package criu, or ");
    }

    private void assertRefusedWith(Path criu, String told) throws Exception {
        String named = useCriu(criu);
        String id = counting(pod());
        Path archive = archive();
        assertThatThrownBy(() -> driver.checkpoints().checkpoint(spec(id, archive))).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
            assertThat(e.getMessage()).contains(told, named, id);
        });
        assertThat(FileTrees.names(archive.getParent())).isEmpty();
        assertGoesOn(id);
        useUsualCriu();
    }

    private void assertRefused(String id, Path archive) throws Exception {
        assertThatThrownBy(() -> driver.checkpoints().checkpoint(spec(id, archive))).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
            assertThat(e.getMessage()).contains("criu", id);
        });
        assertThat(FileTrees.names(archive.getParent())).isEmpty();
    }

    @Test
    void aCheckpointThatFailsLeavesNothingAndTheContainerGoesOn() throws Exception {
        useCriu(program("case $1 in --version) echo Version: 4.0;; check) ;; *) exit 1;; esac"));
        String id = counting(pod());
        Path archive = archive();
        assertThatThrownBy(() -> driver.checkpoints().checkpoint(spec(id, archive))).isInstanceOf(DriverException.class)
                .hasMessageContaining("Cannot checkpoint container " + id).hasMessageContaining("criu").hasMessageNotContaining("log file")
                .hasMessageNotContaining("path=");
        assertThat(FileTrees.names(archive.getParent())).isEmpty();
        assertThat(files(id).checkpointing()).doesNotExist();
        assertGoesOn(id);
        useUsualCriu();
    }

    /** CRIU writes down no lock, and brings none back, unless it is told so both times. */
    @Test
    void whatWasLockedIsLockedByTheOneThatComesBack() throws Exception {
        SandboxSpec pod = pod();
        // busybox knows no locks.
        UnaryOperator<ContainerConfig.Builder> locking = config -> shell("busybox ln -s usr/lib usr/lib64 /; exec 9> /lock; "
                + "/usr/bin/flock -n 9 || exit 1; " + COUNTING).apply(config)
                .addMounts(Mount.newBuilder().setHostPath("/usr").setContainerPath("/usr").setReadonly(true));
        String id = counting(pod, locking);
        Path archive = archive();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            return;
        }
        driver.checkpoints().checkpoint(spec(id, archive));
        ContainerSpec plain = containerSpec(pod, locking);
        driver.createContainer(from(plain, archive.toString()));
        run(plain.id());
        assertGoesOn(plain.id());
        assertThat(exec(plain.id(), "/usr/bin/flock", "-n", "/lock", "true").exitCode()).isEqualTo(1);
        // One that has come back is written down like any other.
        Path second = archive();
        assertThat(driver.checkpoints().checkpoint(spec(plain.id(), second))).isPositive();
        assertGoesOn(plain.id());
    }

    @Test
    void aTerminalComesBackToo() throws Exception {
        SandboxSpec pod = pod();
        UnaryOperator<ContainerConfig.Builder> onTerminal = config -> shell(COUNTING).apply(config).setTty(true);
        String id = counting(pod, onTerminal);
        Path archive = archive();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            return;
        }
        driver.checkpoints().checkpoint(spec(id, archive));
        assertGoesOn(id);
        ContainerSpec plain = containerSpec(pod, onTerminal);
        driver.createContainer(from(plain, archive.toString()));
        run(plain.id());
        assertGoesOn(plain.id());
        assertThat(exec(plain.id(), "sh", "-c", "[ -t 0 ] < /proc/1/fd/0").exitCode()).isZero();
    }

    @Test
    void whatDoesNotComeBackIsToldWithTheReasonAndMayBeTriedAgain() throws Exception {
        SandboxSpec pod = pod();
        String id = counting(pod);
        Path archive = archive();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            return;
        }
        driver.checkpoints().checkpoint(spec(id, archive));
        ContainerSpec plain = containerSpec(pod, shell(COUNTING));
        driver.createContainer(from(plain, archive.toString()));
        Path images = new CheckpointArchive(files(plain.id()).restored()).images();
        Path core = Files.move(images.resolve("core-1.img"), images.resolve("core.aside"));
        assertThatThrownBy(() -> driver.startContainer(plain.id())).isInstanceOf(DriverException.class)
                .hasMessageContaining(plain.id()).hasMessageContaining("CRIU says: ").hasMessageContaining("Restoring FAILED");
        assertThat(driver.probeContainer(plain.id())).isEqualTo(new ContainerProbe.Created());
        Files.move(core, images.resolve("core-1.img"));
        run(plain.id());
        assertGoesOn(plain.id());
    }

    @Test
    void withoutCriuNothingComesBackUntilThereIsOne() throws Exception {
        SandboxSpec pod = pod();
        String id = counting(pod);
        Path archive = archive();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            return;
        }
        driver.checkpoints().checkpoint(spec(id, archive));
        String named = useCriu(Path.of("/nowhere/criu"));
        ContainerSpec plain = containerSpec(pod, shell(COUNTING));
        driver.createContainer(from(plain, archive.toString()));
        assertThatThrownBy(() -> driver.startContainer(plain.id())).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
            assertThat(e.getMessage()).contains("install the package criu, or ", named, plain.id());
        });
        assertThat(driver.probeContainer(plain.id())).isEqualTo(new ContainerProbe.Created());
        useUsualCriu();
        run(plain.id());
        assertGoesOn(plain.id());
    }

    /** Cut off wherever it was: before it began, while CRIU read the processes, or not at all. */
    @ParameterizedTest
    @ValueSource(longs = {1, 40, 80, 120, 160, 200, 300})
    void aCheckpointThatMayNotTakeLongerLeavesNothingAndTheContainerGoesOn(long millis) throws Exception {
        String id = counting(pod());
        Path archive = archive();
        if (!TestCriu.works()) {
            assertRefused(id, archive);
            return;
        }
        try {
            driver.checkpoints().checkpoint(new Spec(id, "17", archive, millis, ABOUT));
            assertThat(archive).isNotEmptyFile();
        } catch (DriverException e) {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(Failure.Kind.TIMED_OUT);
            assertThat(FileTrees.names(archive.getParent())).isEmpty();
        }
        assertThat(files(id).checkpointing()).doesNotExist();
        assertGoesOn(id);
        assertThat(driver.checkpoints().checkpoint(spec(id, archive))).isPositive();
        assertGoesOn(id);
    }

    /** What an archive says of owners would be those of one pod, and the next pod has others. */
    @Test
    void containersOfAPodWithUsersOfItsOwnAreNeitherWrittenIntoAnArchiveNorRestored() throws Exception {
        SandboxSpec pod = pod(n -> n.setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(IDS).addGids(IDS)));
        String id = run(pod, shell("exec sleep 1000"));
        Path archive = archive();
        assertUsersOfItsOwn(() -> driver.checkpoints().checkpoint(spec(id, archive)));
        assertThat(archive).doesNotExist();
        ContainerSpec plain = containerSpec(pod, shell("exec sleep 1000"));
        assertUsersOfItsOwn(() -> driver.createContainer(from(plain, archive.toString())));
        assertThat(driver.probeContainer(plain.id())).isEqualTo(new ContainerProbe.Absent());
    }

    private static void assertUsersOfItsOwn(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
            assertThat(e.getMessage()).contains("users of its own");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nowhere/archive", "/proc"})
    void anArchiveNeedsAPlace(String location) throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        assertThatThrownBy(() -> driver.checkpoints().checkpoint(spec(id, Path.of(location)))).isInstanceOfSatisfying(DriverException.class,
                e -> assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    /** Anybody may have written an archive. */
    @Test
    void whatIsNoArchiveIsRefused() throws Exception {
        Path archive = archive();
        assertThatThrownBy(() -> driver.checkpoints().read(archive)).isInstanceOfSatisfying(DriverException.class,
                e -> assertThat(e.kind()).isEqualTo(Failure.Kind.NOT_FOUND));
        var random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[random.nextInt(4096)];
            random.nextBytes(bytes);
            Files.write(archive, bytes);
            assertThatThrownBy(() -> driver.checkpoints().read(archive)).isInstanceOfSatisfying(DriverException.class,
                    e -> assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID));
        }
    }

    @Test
    void namesInAnArchiveLeadNowhere() throws Exception {
        Path archive = archive();
        Path outside = dir.resolve("outside");
        try (var out = Files.newOutputStream(archive)) {
            var tar = new TarWriter(out);
            for (String name : new String[] {"checkpoint/../../../outside", "checkpoint//outside", "../outside", outside.toString(),
                "checkpoint/.."}) {
                add(tar, name, "bad");
            }
            add(tar, "config.dump", "{\"name\": \"c\"}");
            tar.end();
        }
        ContainerSpec plain = containerSpec(pod(), shell("true"));
        assertThatThrownBy(() -> driver.createContainer(from(plain, archive.toString()))).isInstanceOf(DriverException.class)
                .hasMessageContaining("no checkpoint/inventory.img");
        assertThat(outside).doesNotExist();
        assertThat(driver.probeContainer(plain.id())).isEqualTo(new ContainerProbe.Absent());
    }

    private static void add(TarWriter tar, String name, String content) throws Exception {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        tar.file(name, bytes.length, new ByteArrayInputStream(bytes));
    }

    private static Map<String, String> parts(Path archive) throws Exception {
        var parts = new TreeMap<String, String>();
        TarFiles.read(archive, (name, size, content) -> parts.put(name, new String(content.readAllBytes(), StandardCharsets.UTF_8)));
        return parts;
    }

    protected Path program(String script) throws Exception {
        Path file = Files.writeString(dir.resolve("criu-" + random(4)), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
