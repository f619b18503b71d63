package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.TestCriu;
import io.cairn.proto.cri.CheckpointContainerRequest;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ImageSpec;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers written into archives and restored, where the driver and the host's CRIU can; where not, a status that says what to do. */
final class CheckpointTest extends CriTest {
    private static final String COUNTING = "i=0; while true; do i=$((i+1)); echo $i > /count.new; mv /count.new /count; echo $i; sleep 0.1; done";
    private Path archive;

    @BeforeEach
    void place() throws Exception {
        archive = Files.createDirectories(node.root().resolve("archives")).resolve("archive.tar");
    }

    @AfterEach
    void takeAway() throws Exception {
        Files.deleteIfExists(archive);
    }

    private boolean canCheckpoint() throws Exception {
        return node.driver().canCheckpoint() && TestCriu.works();
    }

    private void checkpoint(String id) {
        cri.runtime().checkpointContainer(CheckpointContainerRequest.newBuilder().setContainerId(id).setLocation(archive.toString())
                .setTimeout(60).build());
    }

    private long count(String id) {
        return Long.parseLong(cri.exec(id, Duration.ofSeconds(20), "cat", "/count").getStdout().toStringUtf8().strip());
    }

    private String history(String id) throws Exception {
        return running.daemon.command("log", "--container", id).orThrow();
    }

    @Test
    void aRunningContainerIsWrittenIntoAnArchiveAndGoesOnInAnother() throws Exception {
        Pod pod = run("counting");
        String id = start(pod, shell("counting", COUNTING));
        awaitLog(id, "3\n");
        if (!canCheckpoint()) {
            assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> checkpoint(id), "checkpoint");
            assertThat(archive).doesNotExist();
            long before = count(id);
            Await.until("the container goes on", PATIENCE, () -> count(id) > before);
            return;
        }
        checkpoint(id);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive))).isEqualTo("rw-------");
        long before = count(id);
        Await.until("the container goes on", PATIENCE, () -> count(id) > before);
        assertThat(history(id)).contains("container is to be written into the archive " + archive, "and runs on");
        cri.stop(id, 0);

        Pod other = run("restored");
        ContainerConfig.Builder config = Configs.shell("counting", IMAGE, COUNTING).setImage(ImageSpec.newBuilder().setImage(archive.toString()));
        String restored = start(other, config);
        long first = count(restored);
        assertThat(first).isGreaterThanOrEqualTo(3);
        Await.until("the restored container goes on", PATIENCE, () -> count(restored) > first);
        awaitLog(restored, (first + 1) + "\n");
        assertThat(history(restored)).contains("restored from the checkpoint " + archive);
        cri.stop(restored, 0);
        assertThat(cri.containerStatus(restored).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    }

    @Test
    void whatDoesNotRunIsNotWrittenDown() throws Exception {
        Pod pod = run("idle");
        String id = create(pod, sleeping("idle"));
        assertRefusedWithoutTrace(Status.Code.FAILED_PRECONDITION, () -> checkpoint(id), "cannot be written into an archive", "CREATED");
        assertRefusedWithoutTrace(Status.Code.NOT_FOUND, () -> checkpoint("0".repeat(64)), "is not known");
    }

    @Test
    void whatIsNoArchiveIsNoImageEither() throws Exception {
        Pod pod = run("none");
        var config = sleeping("none").setImage(ImageSpec.newBuilder().setImage(archive.toString()));
        Status.Code missing = node.driver().canCheckpoint() ? Status.Code.NOT_FOUND : Status.Code.UNIMPLEMENTED;
        assertRefusedWithoutTrace(missing, () -> create(pod, config), node.driver().canCheckpoint() ? archive.toString() : "checkpoint");
        Files.writeString(archive, "this is no archive of anything, and long enough to be a header of one".repeat(20));
        Status.Code broken = node.driver().canCheckpoint() ? Status.Code.INVALID_ARGUMENT : Status.Code.UNIMPLEMENTED;
        assertRefusedWithoutTrace(broken, () -> create(pod, config), "checkpoint");
    }
}
