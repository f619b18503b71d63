package io.cairn.driver.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.CheckpointBackend.Archived;
import io.cairn.core.driver.CheckpointBackend.Spec;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.PullObserver;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.checkpoint.CheckpointArchive;
import io.cairn.driver.host.checkpoint.CheckpointContract;
import io.cairn.proto.journal.Failure;
import io.cairn.testkit.ContainerdProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints by containerd's task service. */
class CheckpointTest extends CheckpointContract {
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;

    private ContainerdProcess containerd;

    @Override
    @BeforeAll
    protected void openDriver(@TempDir Path directory) throws Exception {
        containerd = ContainerdProcess.start(Files.createTempDirectory("cairn-containerd-").resolve("c"));
        super.openDriver(directory);
    }

    @AfterAll
    void stopContainerd() throws Exception {
        Path root = containerd.socket().getParent().getParent();
        containerd.close();
        Files.delete(root);
    }

    @Override
    protected Driver open(Path directory) throws Exception {
        return new ContainerdDriverProvider().open(ContainerdDriverTest.context(directory, containerd.socket()));
    }

    @Override
    protected Driver open(Path directory, String key, String value) throws Exception {
        DriverContext context = ContainerdDriverTest.context(directory, containerd.socket());
        return new ContainerdDriverProvider().open(new DriverContext(context.stateDirectory(), context.runDirectory(),
                context.settings().put(key, value), context.handlers()));
    }

    private Backend backend() {
        return ((ContainerdDriver) driver).backend;
    }

    @Override
    protected ContainerdFiles files(String id) {
        return backend().layout().container(id);
    }

    @Override
    protected void pause(String id) throws Exception {
        containerd.ctr("cairn", "tasks", "pause", id);
    }

    @Override
    protected void forgetStart(String id) throws Exception {
        Files.delete(files(id).started());
        Files.delete(files(id).letGo());
    }

    @Override
    protected String useCriu(Path program) throws Exception {
        containerd.stop();
        containerd.useOnlyCriu(program);
        containerd.startAgain();
        return containerd.programs().toString();
    }

    @Override
    protected void useUsualCriu() throws Exception {
        containerd.stop();
        containerd.useUsualCriu();
        containerd.startAgain();
    }

    /** Neither has noted that it stands still, nor could a new one learn it from containerd. */
    @Test
    void aContainerDoesNotStandStillBecauseContainerdIsAway() throws Exception {
        String id = counting(pod());
        FileTrees.writeDurably(files(id).checkpoint(), FileTrees.JSON.createObjectNode().put("id", "17").put("size", 0)
                .put("part", dir.resolve(".archive.part").toString()));
        pause(id);
        containerd.kill();
        restart();
        assertThat(driver.checkpoints().settle(id, "17")).isEmpty();
        containerd.startAgain();
        assertGoesOn(id);
        assertThat(containerd.ctr("cairn", "tasks", "ls")).contains("RUNNING").doesNotContain("PAUSED");
    }

    /** containerd gives a shim that restores or writes down 2 s, and then speaks of a task without process. */
    @Test
    void whileTheShimDoesNotAnswerNothingIsTakenForTrue() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        StartRecord started = StartRecord.read(files(id).started()).get();
        forgetStart(id);
        FileTrees.write(files(id).restoring(), new byte[0]);
        ProcessRef shim = started.monitor().get();
        shim.signal(SIGSTOP);
        try {
            assertThatThrownBy(() -> driver.probeContainer(id)).isInstanceOfSatisfying(DriverException.class, e -> {
                assertThat(e.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
                assertThat(e.getMessage()).contains(id).contains("no answer from its shim");
            });
            assertThat(files(id).started()).doesNotExist();
        } finally {
            shim.signal(SIGCONT);
        }
        assertThat(driver.probeContainer(id)).isInstanceOfSatisfying(ContainerProbe.Running.class,
                running -> assertThat(running.started().pid()).isEqualTo(started.process().pid()));
    }

    /** Nobody could have it go on: what stands still in a cgroup of v1 does not die of a signal. */
    @Test
    void oneThatStandsStillCanBeRemoved() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        pause(id);
        driver.removeContainer(id);
        assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Absent());
    }

    /** A process whose shim is gone has another parent: one that takes orphans in, and is none of ours. */
    @Test
    void whatIsNotedAsShimAndIsNoneIsLeftAlone() throws Exception {
        String id = run(pod(), shell("exec sleep 1000"));
        StartRecord started = StartRecord.read(files(id).started()).get();
        Process other = new ProcessBuilder("sleep", "1000").start();
        try {
            FileTrees.writeDurably(files(id).started(), new StartRecord(started.bootId(), started.process(), started.startedAtNanos(),
                    ProcessRef.of(other.pid())).toJson());
            driver.removeContainer(id);
            assertThat(other.isAlive()).isTrue();
            assertThat(started.monitor().get().isAlive()).as("its own shim").isFalse();
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    /** Of a task that is gone, nobody knows what its processes did: it is not begun once more. */
    @Test
    void aRestoredOneWhoseTaskIsGoneHasEnded() throws Exception {
        String id = container(pod(), shell("exec sleep 1000"));
        FileTrees.directory(files(id).restored());
        FileTrees.write(files(id).restoring(), new byte[0]);
        assertThat(driver.probeContainer(id)).isInstanceOfSatisfying(ContainerProbe.Exited.class,
                ended -> assertThat(ended.report().exitCode()).isEmpty());
    }

    /** Where the environment of containerd cannot be read, only runc says it. */
    @Test
    void whatRuncSaysOfAMissingCriuIsSaidAsClientsKnowIt() throws Exception {
        useCriu(Path.of("/nowhere/criu"));
        String id = counting(pod());
        var archive = new CheckpointArchive(files(id).checkpointing());
        FileTrees.directory(archive.images());
        FileTrees.directory(archive.work());
        TaskDumper dumper = TaskDumper.of(backend(), id, "");
        dumper.halt();
        assertThatThrownBy(() -> dumper.dump(new Spec(id, "1", dir.resolve("none.tar"), 0, new Archived("c", "", "")), archive))
                .isInstanceOfSatisfying(DriverException.class, e -> {
                    assertThat(e.kind()).as(e.getMessage()).isEqualTo(Failure.Kind.UNSUPPORTED);
                    assertThat(e.getMessage()).contains("PATH that containerd is started with").startsWith("CRIU binary not found or too old "
                            + "(<31600). Failed to checkpoint or restore container \"" + id + "\"");
                });
        dumper.goOn();
        assertGoesOn(id);
        useUsualCriu();
    }

    @Test
    void aSnapshotterWithoutOverlaysIsNamed() throws Exception {
        driver.close();
        driver = open(dir, "drivers.containerd.snapshotter", "native");
        driver.observe(exited);
        String usual = imageId;
        imageId = driver.images().pull(registry.image("native", "{\"Env\":[\"PATH=/bin\"]}"), Credentials.NONE, PullObserver.NONE).id();
        String id = run(pod(), shell("exec sleep 1000"));
        assertThatThrownBy(() -> driver.checkpoints().checkpoint(new Spec(id, "1", dir.resolve("native.tar"), 0, new Archived("c", "", ""))))
                .isInstanceOfSatisfying(DriverException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
                    assertThat(e.getMessage()).contains("snapshotter native", id);
                });
        driver.removeContainer(id);
        imageId = usual;
        restart();
    }
}
