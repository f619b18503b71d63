package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerFilter;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStateValue;
import io.cairn.proto.cri.Int64Value;
import io.cairn.proto.cri.KeyValue;
import io.cairn.proto.cri.Signal;
import io.cairn.proto.cri.SupplementalGroupsPolicy;
import io.cairn.testkit.Configs;
import io.cairn.testkit.LogLine;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ContainerTest extends CriTest {
    @Test
    void aContainerIsCreatedRunsAndEndsWithItsCode() throws Exception {
        Pod pod = run("life");
        String id = create(pod, shell("life", "exit 7").putLabels("kept", "yes"));
        var created = cri.containerStatus(id);
        assertThat(created.getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        assertThat(created.getStartedAt()).isZero();

        cri.start(id);
        var ended = awaitExit(id);
        assertThat(ended.getExitCode()).isEqualTo(7);
        assertThat(ended.getReason()).isEqualTo("Error");
        assertThat(ended.getStartedAt()).isGreaterThanOrEqualTo(created.getCreatedAt());
        assertThat(ended.getFinishedAt()).isGreaterThanOrEqualTo(ended.getStartedAt());
        assertThat(ended.getLabelsMap()).containsEntry("kept", "yes");
        assertThat(ended.getImageRef()).contains("@sha256:");

        cri.remove(id);
        cri.remove(id);
        assertRefused(Status.Code.NOT_FOUND, () -> cri.containerStatus(id), id);
    }

    @Test
    void aContainerThatEndsWellIsCompleted() throws Exception {
        var ended = awaitExit(start(run("well"), shell("well", "true")));

        assertThat(ended.getExitCode()).isZero();
        assertThat(ended.getReason()).isEqualTo("Completed");
    }

    @Test
    void aSignalThatKillsIsPartOfTheExitCode() throws Exception {
        // The shell of pid 1 cannot be killed by its own signal; its child can.
        assertThat(awaitExit(start(run("fault"), shell("fault", "sh -c 'kill -SEGV $$'; exit $?"))).getExitCode()).isEqualTo(139);
    }

    @Test
    void containersAreListedByIdPodStateAndLabels() throws Exception {
        Pod one = run("one");
        Pod two = run("two");
        String runs = start(one, sleeping("runs").putLabels("kind", "a"));
        String waits = create(two, sleeping("waits").putLabels("kind", "b"));

        assertThat(listed(ContainerFilter.newBuilder())).containsExactlyInAnyOrder(runs, waits);
        assertThat(listed(ContainerFilter.newBuilder().setId(runs))).containsExactly(runs);
        assertThat(listed(ContainerFilter.newBuilder().setPodSandboxId(two.id()))).containsExactly(waits);
        assertThat(listed(ContainerFilter.newBuilder().putLabelSelector("kind", "b"))).containsExactly(waits);
        assertThat(listed(inState(ContainerState.CONTAINER_RUNNING))).containsExactly(runs);
        assertThat(listed(inState(ContainerState.CONTAINER_EXITED))).isEmpty();
    }

    private List<String> listed(ContainerFilter.Builder filter) {
        return cri.containers(filter.build()).stream().map(io.cairn.proto.cri.Container::getId).toList();
    }

    private static ContainerFilter.Builder inState(ContainerState state) {
        return ContainerFilter.newBuilder().setState(ContainerStateValue.newBuilder().setState(state));
    }

    @Test
    void theSameRequestFindsTheSameContainerAndAnotherUnderItsNameIsRefused() throws Exception {
        Pod pod = run("same");
        ContainerConfig.Builder config = sleeping("same");
        String id = create(pod, config);

        assertThat(cri.create(pod.id(), pod.config(), config.build())).isEqualTo(id);
        assertRefusedWithoutTrace(Status.Code.ALREADY_EXISTS,
                () -> cri.create(pod.id(), pod.config(), sleeping("same").setWorkingDir("/tmp").build()), "same");
    }

    @Test
    void aContainerStartsOnce() throws Exception {
        String id = startSleeping(run("once"));

        assertRefused(Status.Code.FAILED_PRECONDITION, () -> cri.start(id), id);
    }

    @Test
    void aRunningContainerCanBeRemovedAtOnce() throws Exception {
        cri.remove(startSleeping(run("forced")));

        assertThat(cri.containers()).isEmpty();
    }

    @Test
    void aProgramThatIsNotThereIsNamedAndLeavesNothing() throws Exception {
        Pod pod = run("missing");

        var refusal = org.assertj.core.api.Assertions.catchThrowableOfType(StatusRuntimeException.class,
                () -> start(pod, Configs.container("missing", IMAGE, "/no/such/program")));
        assertThat(refusal).hasMessageContaining("/no/such/program");
        assertThat(cri.containers(ContainerFilter.newBuilder().setState(
                ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING)).build())).isEmpty();
    }

    @Test
    void commandAndArgumentsReplaceThoseOfTheImage() throws Exception {
        String image = running.publish("echo", running.images.busybox().entrypoint("echo", "entry").command("cmd"));
        cri.pull(image);
        Pod pod = run("words");

        assertThat(output(pod, Configs.container("none", image))).isEqualTo("entry cmd\n");
        assertThat(output(pod, Configs.container("args", image).addArgs("args"))).isEqualTo("entry args\n");
        assertThat(output(pod, Configs.container("command", image, "echo", "command"))).isEqualTo("command\n");
        assertThat(output(pod, Configs.container("both", image, "echo", "command").addArgs("args"))).isEqualTo("command args\n");
    }

    @Test
    void environmentAndDirectoryAreTheImagesUnlessTheConfigSaysOtherwise() throws Exception {
        String image = running.publish("env", running.images.busybox().env("A=image").env("B=image").workingDirectory("/www"));
        cri.pull(image);
        Pod pod = run("surroundings");
        String print = "echo $A $B $C; pwd";

        assertThat(output(pod, Configs.shell("image", image, print))).isEqualTo("image image\n/www\n");
        assertThat(output(pod, Configs.shell("config", image, print).addEnvs(env("B", "config")).addEnvs(env("C", "new=1")).setWorkingDir("/made/up")))
                .isEqualTo("image config new=1\n/made/up\n");
    }

    private static KeyValue env(String key, String value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void theUserIsTheImagesUnlessTheConfigSaysOtherwise() throws Exception {
        String image = running.publish("user", running.images.busybox().user("web"));
        cri.pull(image);
        Pod pod = run("users");
        String id = "id -u; id -g";

        assertThat(output(pod, shell("root", id))).isEqualTo("0\n0\n");
        assertThat(output(pod, Configs.shell("image", image, id))).isEqualTo("1000\n1000\n");
        ContainerConfig.Builder byName = shell("name", id);
        byName.getLinuxBuilder().getSecurityContextBuilder().setRunAsUsername("nobody");
        assertThat(output(pod, byName)).isEqualTo("65534\n65534\n");
        ContainerConfig.Builder byNumber = shell("number", id);
        byNumber.getLinuxBuilder().getSecurityContextBuilder().setRunAsUser(number(1234)).setRunAsGroup(number(2345));
        assertThat(output(pod, byNumber)).isEqualTo("1234\n2345\n");
        ContainerConfig.Builder unknown = shell("unknown", id);
        unknown.getLinuxBuilder().getSecurityContextBuilder().setRunAsUsername("stranger");
        // The request may be right for another image.
        assertRefusedWithoutTrace(Status.Code.UNKNOWN, () -> create(pod, unknown), "stranger");
    }

    @Test
    void groupsComeFromTheConfigAndFromTheImageIfThePolicyMerges() throws Exception {
        Pod pod = run("groups");
        ContainerConfig.Builder merged = shell("merged", "id -G");
        merged.getLinuxBuilder().getSecurityContextBuilder().setRunAsUser(number(1000)).addSupplementalGroups(777);
        ContainerConfig.Builder strict = shell("strict", "id -G");
        strict.getLinuxBuilder().getSecurityContextBuilder().setRunAsUser(number(1000)).addSupplementalGroups(777)
                .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict);

        assertThat(output(pod, merged).strip().split(" ")).containsExactlyInAnyOrder("1000", "777", "4242");
        assertThat(output(pod, strict).strip().split(" ")).containsExactlyInAnyOrder("1000", "777");
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }

    @Test
    void theStopSignalIsTheConfigsThenTheImages() throws Exception {
        String image = running.publish("stop", running.images.busybox().stopSignal("SIGUSR1"));
        cri.pull(image);
        Pod pod = run("signals");
        String script = "trap 'exit 11' USR1; trap 'exit 12' USR2; trap 'exit 15' TERM; echo ready; while :; do sleep 0.1; done";

        assertThat(stopped(start(pod, Configs.shell("image", image, script)))).isEqualTo(11);
        assertThat(stopped(start(pod, Configs.shell("config", image, script).setStopSignal(Signal.SIGUSR2)))).isEqualTo(12);
        assertThat(stopped(start(pod, shell("default", script)))).isEqualTo(15);
    }

    private int stopped(String id) throws Exception {
        awaitLog(id, "ready");
        cri.stop(id, 20);
        cri.stop(id, 20);
        var status = cri.containerStatus(id);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        return status.getExitCode();
    }

    @Test
    void whatIgnoresTheSignalIsKilledWhenItsGraceIsOver() throws Exception {
        Pod pod = run("stubborn");
        String stubborn = "trap '' TERM; echo ready; while :; do sleep 0.1; done";
        String graced = start(pod, shell("graced", stubborn));
        String atOnce = start(pod, shell("at-once", stubborn));
        awaitLog(graced, "ready");
        awaitLog(atOnce, "ready");

        cri.stop(graced, 1);
        cri.stop(atOnce, 0);
        assertThat(cri.containerStatus(graced).getExitCode()).isEqualTo(137);
        assertThat(cri.containerStatus(atOnce).getExitCode()).isEqualTo(137);
    }

    @Test
    void logLinesCarryTimeStreamAndTagAndLongOnesComeInParts() throws Exception {
        Pod pod = run("logs");
        String id = start(pod, shell("logs", "echo out; echo err >&2; head -c 20000 /dev/zero | tr '\\0' x; echo; printf unfinished"));
        awaitExit(id);

        List<LogLine> log = log(id);
        assertThat(log).allSatisfy(line -> {
            assertThat(line.time()).matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{1,9}(Z|[+-][0-9]{2}:[0-9]{2})");
            assertThat(line.stream()).isIn("stdout", "stderr");
            assertThat(line.tag()).isIn("P", "F");
        });
        assertThat(LogLine.text(log, "stderr")).isEqualTo("err\n");
        assertThat(log).filteredOn(l -> l.tag().equals("P")).isNotEmpty();
        // How the two streams mix is nobody's to say; whether the last piece counts as a line is the driver's.
        boolean ends = log.stream().filter(l -> l.stream().equals("stdout")).toList().getLast().tag().equals("F");
        assertThat(LogLine.text(log, "stdout")).isEqualTo("out\n" + "x".repeat(20000) + "\nunfinished" + (ends ? "\n" : ""));
    }

    @Test
    void whatTheKernelKillsForMemoryIsToldSo() throws Exception {
        ContainerConfig.Builder greedy = shell("greedy", "tail /dev/zero");
        greedy.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16 << 20);

        var ended = awaitExit(start(run("greedy"), greedy));
        assertThat(ended.getReason()).isEqualTo("OOMKilled");
        assertThat(ended.getExitCode()).isEqualTo(137);
    }
}
