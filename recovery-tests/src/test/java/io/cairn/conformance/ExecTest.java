package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.Int64Value;
import io.cairn.testkit.Await;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ExecTest extends CriTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void codeAndBothStreamsComeBack() throws Exception {
        String id = startSleeping(run("exec"));

        var answer = cri.exec(id, LIMIT, "sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(answer.getExitCode()).isEqualTo(3);
        assertThat(answer.getStdout().toStringUtf8()).isEqualTo("out\n");
        assertThat(answer.getStderr().toStringUtf8()).isEqualTo("err\n");
    }

    @Test
    void argumentsArePassedAsTheyAre() throws Exception {
        String id = startSleeping(run("words"));

        assertThat(cri.exec(id, LIMIT, "printf", "%s|", "two words", "", "$HOME", "ünï").getStdout().toStringUtf8()).isEqualTo("two words||$HOME|ünï|");
    }

    @Test
    void aCommandHasTheContainersUserDirectoryAndEnvironment() throws Exception {
        ContainerConfig.Builder config = sleeping("same").setWorkingDir("/tmp").addEnvs(
                io.cairn.proto.cri.KeyValue.newBuilder().setKey("COLOUR").setValue("grey"));
        config.getLinuxBuilder().getSecurityContextBuilder().setRunAsUser(Int64Value.newBuilder().setValue(1000));

        assertThat(cri.sh(start(run("same"), config), "id -u; pwd; echo $COLOUR")).isEqualTo("1000\n/tmp\ngrey\n");
    }

    @Test
    void aCommandThatOutlivesItsTimeIsEnded() throws Exception {
        String id = startSleeping(run("slow"));

        assertRefused(Status.Code.DEADLINE_EXCEEDED, () -> cri.exec(id, Duration.ofSeconds(5), "sleep", "98765"), "sleep 98765");
        Await.until("the command is gone", PATIENCE, () -> !cri.sh(id, "ps").contains("sleep 98765"));
    }

    @Test
    void aCommandThatIsNotThereIsNamed() throws Exception {
        String id = startSleeping(run("unknown"));

        var refusal = org.assertj.core.api.Assertions.catchThrowable(() -> {
            var answer = cri.exec(id, LIMIT, "/no/such/command");
            // Other runtimes answer with the code of a shell.
            assertThat(answer.getExitCode()).isIn(126, 127);
            throw new IllegalStateException(answer.getStderr().toStringUtf8());
        });
        assertThat(refusal).hasMessageContaining("/no/such/command");
    }

    @Test
    void muchOutputComesBackWhole() throws Exception {
        String id = startSleeping(run("much"));

        assertThat(cri.exec(id, LIMIT, "head", "-c", "2000000", "/dev/zero").getStdout().size()).isEqualTo(2_000_000);
    }

    @Test
    void onlyRunningContainersTakeCommands() throws Exception {
        Pod pod = run("ended");
        String created = create(pod, sleeping("created"));
        String ended = start(pod, shell("ended", "true"));
        awaitExit(ended);

        assertRefused(Status.Code.FAILED_PRECONDITION, () -> cri.exec(created, LIMIT, "true"), created);
        assertRefused(Status.Code.FAILED_PRECONDITION, () -> cri.exec(ended, LIMIT, "true"), ended);
        assertRefused(Status.Code.NOT_FOUND, () -> cri.exec("no-such-container", LIMIT, "true"), "no-such-container");
    }

    @Test
    void aCommandMustBeThereAndItsTimeNotNegative() throws Exception {
        String id = startSleeping(run("strict"));

        assertRefused(Status.Code.INVALID_ARGUMENT, () -> cri.exec(id, LIMIT), "cmd");
        assertRefused(Status.Code.INVALID_ARGUMENT, () -> cri.runtime().execSync(
                ExecSyncRequest.newBuilder().setContainerId(id).addCmd("true").setTimeout(-1).build()), "timeout");
    }

    @Test
    void aContainerThatEndsTakesItsCommandsWithIt() throws Exception {
        String id = startSleeping(run("together"));
        Thread ending = Thread.ofVirtual().start(() -> {
            try {
                Await.until("the command runs", PATIENCE, () -> cri.sh(id, "ps").contains("sleep 45678"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            cri.stop(id, 0);
        });

        assertThat(cri.exec(id, Duration.ofSeconds(60), "sleep", "45678").getExitCode()).isEqualTo(137);
        ending.join();
    }
}
