package io.cairn.core.projection;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Exec;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Pull;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.evolve.Step;
import io.cairn.core.projection.Subjects.Kind;
import io.cairn.core.projection.Subjects.Subject;
import io.cairn.core.sim.Configs;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.RandomHistory;
import io.cairn.core.sim.Rng;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.LinuxContainerUser;
import io.cairn.proto.journal.ContainerExited;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.SandboxResourcesUpdated;
import io.cairn.proto.state.ContainerRow;
import io.cairn.proto.state.ImageRow;
import io.cairn.proto.state.SandboxRow;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectionTest {
    private static final int EVENTS = 120;
    private static final Failure WHY = Failure.newBuilder().setKind(Failure.Kind.DENIED).setMessage("no").build();

    @TempDir(factory = InMemory.class) Path temp;

    @Test
    void anEntityWithEveryFieldSetComesBackFromItsRow() {
        var pending = Option.some(new Pending(7, Pending.Kind.SANDBOX_STOP));
        var sandbox = new Sandbox("s", Configs.pod("p", 3), "special", "runc", Sandbox.Phase.READY, 11, Option.some("/run/netns/s"),
                Vector.of("10.0.0.1", "fd00::1"), pending, true, "boot",
                Option.some(SandboxResourcesUpdated.newBuilder().setSandboxId("s").build()));
        assertThat(Rows.entity(Rows.row(sandbox))).isEqualTo(sandbox);
        assertEveryFieldIsSet(Rows.row(sandbox));

        var exit = ContainerExited.newBuilder().setContainerId("c").setExitCode(0).setOomKilled(true).setFinishedNotBeforeNanos(1)
                .setFinishedNotAfterNanos(2).setEvidence(Evidence.newBuilder().setWitness(Evidence.Witness.BOOT)).build();
        var container = new Container("c", "s", Configs.container("c", 1, "app", "sleep"), "sha256:1", 9, Container.Phase.EXITED, 12, 13, 14,
                ContainerUser.newBuilder().setLinux(LinuxContainerUser.newBuilder().setUid(5)).build(), Option.some(exit),
                Option.some(new Container.NeverRan(WHY, 15)), Option.some(new Pending(8, Pending.Kind.CONTAINER_REMOVE)), 16,
                LinuxContainerResources.newBuilder().setCpuShares(17).build(),
                Option.some(LinuxContainerResources.newBuilder().setCpuShares(18).build()), "/archive");
        assertThat(Rows.entity(Rows.row(container))).isEqualTo(container);
        assertEveryFieldIsSet(Rows.row(container));

        var image = new Image("sha256:1", TreeSet.of("a:1", "b:2"), TreeSet.of("a@sha256:2"), Long.MAX_VALUE, "0:0", 15, "runc",
                Option.some(new Pending(9, Pending.Kind.IMAGE_REMOVE)));
        assertThat(Rows.entity(Rows.row(image))).isEqualTo(image);
        assertEveryFieldIsSet(Rows.row(image));

        var exec = new Exec("e", "c", 10);
        assertThat(Rows.entity(Rows.row(exec))).isEqualTo(exec);
        assertEveryFieldIsSet(Rows.row(exec));
        var pull = new Pull("p", "docker.io/library/app:latest", "runc", 11);
        assertThat(Rows.entity(Rows.row(pull))).isEqualTo(pull);
        assertEveryFieldIsSet(Rows.row(pull));
    }

    /** A field added to a row without being filled would come back empty. */
    private static void assertEveryFieldIsSet(Message row) {
        assertThat(row.getAllFields().keySet()).containsExactlyInAnyOrderElementsOf(row.getDescriptorForType().getFields());
    }

    @Test
    void whatIsNotKnownComesBackAsNotKnown() {
        var sandbox = Rows.entity(SandboxRow.newBuilder().setPhase("CREATING").build());
        assertThat(sandbox.networkNamespace()).isEmpty();
        assertThat(sandbox.pending()).isEmpty();
        var container = Rows.entity(ContainerRow.newBuilder().setPhase("EXITED").setExit(ContainerExited.getDefaultInstance()).build());
        assertThat(container.exit().get().hasExitCode()).isFalse();
        assertThat(container.neverRan()).isEmpty();
        var unseen = Rows.row(container);
        assertThat(Rows.entity(unseen)).isEqualTo(container);
        assertThat(Rows.entity(ImageRow.getDefaultInstance()).pending()).isEmpty();
    }

    @Test
    void afterEveryStepTheRowsAreTheStateAndDoNotDependOnHowTheyCameToBe() throws Exception {
        Rng rng = Rng.printed("projections");
        var history = new RandomHistory(rng);
        var steps = new ArrayList<Step>();
        try (var one = Projection.open(temp.resolve("one")); var groups = Projection.open(temp.resolve("groups"))) {
            var group = new ArrayList<Step>();
            for (int i = 0; i < EVENTS; i++) {
                Step step = history.next();
                steps.add(step);
                one.apply(Vector.of(step), head(step));
                group.add(step);
                if (rng.oneIn(3)) {
                    groups.apply(Vector.ofAll(group), head(step));
                    group.clear();
                    assertThat(rows(groups)).isEqualTo(rows(one));
                }
                assertThat(one.load()).isEqualTo(history.state());
                assertThat(rows(one)).as("event %d", i + 1).isEqualTo(rowsFromNothing(steps, temp.resolve("nothing")));
            }
        }
    }

    @Test
    void whatIsClosedIsThereWhenItIsOpenedAgain() throws Exception {
        var history = new RandomHistory(Rng.printed("reopening"));
        Step last = null;
        List<String> rows;
        try (var projection = Projection.open(temp.resolve("p"))) {
            for (int i = 0; i < EVENTS; i++) {
                last = history.next();
                projection.apply(Vector.of(last), head(last));
            }
            rows = rows(projection);
        }
        try (var projection = Projection.open(temp.resolve("p"))) {
            assertThat(rows(projection)).isEqualTo(rows);
            assertThat(projection.load()).isEqualTo(history.state());
            assertThat(projection.meta().get().getAppliedSequence()).isEqualTo(EVENTS);
            assertThat(projection.meta().get().getHead().toByteArray()).isEqualTo(head(last));
        }
    }

    @Test
    void theHistoryOfAnEntityIsItsEventsThatAreKeptAndThatOfAPodHoldsThoseOfItsContainers() throws Exception {
        var history = new RandomHistory(Rng.printed("histories of entities"));
        var expected = new java.util.HashMap<Subject, List<Long>>();
        long retired = 0;
        try (var projection = Projection.open(temp.resolve("p"))) {
            for (int i = 0; i < 2_000; i++) {
                Step step = history.next();
                projection.apply(Vector.of(step), head(step));
                retired = Math.max(retired, step.event().getEpochRetired().getLastSequence());
                Subjects.of(step).toSet().forEach(subject ->
                        expected.computeIfAbsent(subject, s -> new ArrayList<>()).add(step.event().getSequence()));
            }
            assertThat(expected.keySet().stream().map(Subject::kind).distinct()).containsExactlyInAnyOrder(Kind.values());
            assertThat(projection.retiredSequence()).isEqualTo(retired).isPositive();
            for (var entry : expected.entrySet()) {
                long last = retired;
                entry.getValue().removeIf(sequence -> sequence <= last);
                assertThat(projection.history(entry.getKey()).asJava()).isEqualTo(entry.getValue());
            }
            for (Container container : history.state().containers().values()) {
                assertThat(projection.history(new Subject(Kind.SANDBOX, container.sandboxId())).asJava())
                        .containsAll(projection.history(new Subject(Kind.CONTAINER, container.id())).asJava());
            }
            assertThat(projection.history(new Subject(Kind.CONTAINER, "unknown"))).isEmpty();
            String id = expected.keySet().stream().filter(subject -> subject.kind() == Kind.IMAGE).findFirst().orElseThrow().id();
            assertThat(projection.history(new Subject(Kind.IMAGE, id.substring(0, id.length() - 1)))).as("a shorter id is another id").isEmpty();
        }
    }

    private static List<String> rowsFromNothing(List<Step> steps, Path directory) throws Exception {
        try (var projection = Projection.open(directory)) {
            projection.apply(Vector.ofAll(steps), head(steps.getLast()));
            return rows(projection);
        } finally {
            Projection.discard(directory);
        }
    }

    static List<String> rows(Projection projection) throws Exception {
        var rows = new ArrayList<String>();
        projection.forEachRow((key, value) -> rows.add(HexFormat.of().formatHex(key) + " = " + HexFormat.of().formatHex(value)));
        return rows;
    }

    private static byte[] head(Step step) {
        return ByteBuffer.allocate(32).putLong(step.event().getSequence()).array();
    }
}
