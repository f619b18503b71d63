package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.core.daemon.Daemon;
import io.cairn.core.recovery.Verification;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.Programs;
import io.cairn.proto.cri.*;
import io.cairn.testkit.LoopDisk;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A daemon whose state directory is on a disk that is filled to its last block, and then freed. */
class FullDiskTest {
    private static final long DISK_BYTES = 128L << 20;
    private static final long FLOOR_BYTES = 1 << 20;
    /** Each is a record of the access journal: together more than what is reserved for it. */
    private static final int READS = 600;
    private static final int ROUNDS = 2;

    @TempDir Path temp;

    @ParameterizedTest
    @EnumSource(LoopDisk.Type.class)
    void theDaemonLivesThroughIt(LoopDisk.Type type) throws Exception {
        try (LoopDisk disk = LoopDisk.make(temp, type, DISK_BYTES)) {
            try (var cri = new CriFixture(disk.root(), FLOOR_BYTES)) {
                cri.pull("app");
                String pod = cri.run("p0");
                for (int round = 1; round <= ROUNDS; round++) {
                    String container = cri.running(pod, "c" + round, Programs.SLEEP);
                    disk.fill();
                    assertRefused(cri, "p" + round);
                    assertReadsGoOn(cri, container);
                    cri.world.exits(container, 7, false);
                    Eventually.holds("the exit is recorded out of the reserve", () -> status(cri, container).getState()
                            == ContainerState.CONTAINER_EXITED);
                    assertRefused(cri, "p" + round);
                    disk.free();
                    assertThat(cri.run("p" + round)).isNotEmpty();
                }
                cri.stop();
                cri.start();
                assertThat(cri.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsCount()).isEqualTo(ROUNDS + 1);
                assertThat(cri.halts).isEmpty();
                assertThat(cri.world.violations()).isEmpty();
            }
            assertGood(disk.root().resolve("state"));
        }
    }

    private static void assertRefused(CriFixture cri, String pod) {
        var refused = catchThrowableOfType(StatusRuntimeException.class, () -> cri.run(pod));
        assertThat(refused).isNotNull();
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.getStatus().getDescription()).contains(Daemon.journalDirectory(cri.stateDirectory()).toString())
                .matches(".*\\d+ bytes are missing.*");
    }

    private static void assertReadsGoOn(CriFixture cri, String container) {
        for (int i = 0; i < READS; i++) {
            assertThat(status(cri, container).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        }
        assertThat(cri.runtime().status(StatusRequest.getDefaultInstance()).getStatus().getConditionsList()).allMatch(RuntimeCondition::getStatus);
    }

    private static io.cairn.proto.cri.ContainerStatus status(CriFixture cri, String container) {
        return cri.runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build()).getStatus();
    }

    private static void assertGood(Path state) throws Exception {
        var findings = Verification.of(Daemon.journalDirectory(state), Daemon.projectionDirectory(state), Daemon.snapshotsDirectory(state),
                (phase, sequence) -> {});
        assertThat(findings.problems()).isEmpty();
        assertThat(findings.rows()).isPositive();
    }
}
