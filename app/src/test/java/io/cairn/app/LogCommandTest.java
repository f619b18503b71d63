package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.daemon.Daemon;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.JournalLog;
import io.cairn.journal.JournalOptions;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.KeyValue;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxMetadata;
import io.cairn.proto.journal.ContainerCreateIntended;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.SandboxRunFailed;
import io.cairn.proto.journal.SandboxRunIntended;
import io.vavr.collection.Vector;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandTest {
    private static final String WEB = "a".repeat(64);
    private static final String DB = "b".repeat(64);
    private static final String NGINX = "c".repeat(64);
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    @TempDir
    private Path dir;

    @BeforeEach
    void a_journal_of_two_pods() throws Exception {
        Path state = Files.createDirectory(dir.resolve("state"));
        Files.writeString(dir.resolve("config.toml"), "state_dir = \"%s\"\n".formatted(state));
        long now = Clock.SYSTEM.wallNanos();
        try (JournalLog log = JournalLog.open(Daemon.journalDirectory(state), JournalOptions.defaults(), Clock.SYSTEM, "boot", "1")) {
            append(log, now - 2 * HOUR_NANOS, Event.newBuilder().setSandboxRunIntended(run(WEB, "web")));
            append(log, now, Event.newBuilder().setSandboxRunIntended(run(DB, "db")));
            append(log, now, Event.newBuilder().setContainerCreateIntended(ContainerCreateIntended.newBuilder().setContainerId(NGINX)
                    .setSandboxId(WEB).setConfig(ContainerConfig.newBuilder().setMetadata(ContainerMetadata.newBuilder().setName("nginx"))
                            .addEnvs(KeyValue.newBuilder().setKey("PASSWORD").setValue("hunter2")))));
            append(log, now, Event.newBuilder().setSandboxRunFailed(SandboxRunFailed.newBuilder().setSandboxId(DB)
                    .setCause(Failure.newBuilder().setMessage("no \u001b[31mnetwork\nat all"))));
            log.sync();
        }
    }

    @Test
    void every_event_is_a_line_with_the_names_of_its_pod_and_container() {
        assertThat(log()).hasSize(5).anySatisfy(line -> assertThat(line).contains("default/web nginx: container is to be created"));
    }

    @Test
    void a_pod_is_named_by_its_name_its_uid_or_its_id_and_brings_its_containers() {
        for (String name : new String[] {"web", "default/web", "uid-web", WEB.substring(0, 12)}) {
            assertThat(log("--pod", name)).as(name).hasSize(2).allSatisfy(line -> assertThat(line).contains("default/web"));
        }
        assertThat(log("--pod", "we")).as("the beginning of a name is no name").isEmpty();
    }

    @Test
    void a_container_is_named_by_its_name_or_its_id() {
        assertThat(log("--container", "nginx")).hasSize(1);
        assertThat(log("--container", NGINX.substring(0, 12))).hasSize(1);
    }

    @Test
    void since_leaves_out_what_is_older() {
        assertThat(log("--since", "1h", "--pod", "web")).hasSize(1);
        assertThat(log("--since", "3h", "--pod", "web")).hasSize(2);
    }

    @Test
    void what_tools_say_cannot_write_on_the_terminal() {
        assertThat(log("--pod", "db")).hasSize(2).anySatisfy(line -> assertThat(line).contains("no  [31mnetwork at all"));
    }

    @Test
    void json_hides_the_values_of_environment_variables_unless_asked() {
        assertThat(log("-o", "json", "--container", "nginx")).singleElement().asString().contains("PASSWORD").doesNotContain("hunter2");
        assertThat(log("-o", "json", "--show-env", "--container", "nginx")).singleElement().asString().contains("hunter2");
    }

    private java.util.List<String> log(String... arguments) {
        var out = new StringWriter();
        var cairn = new Cli(Cairn.COMMANDS, false, new PrintWriter(out), new PrintWriter(System.err, true));
        int code = cairn.run(Vector.of("--config", dir.resolve("config.toml").toString(), "log").appendAll(Vector.of(arguments))
                .toJavaArray(String[]::new));
        assertThat(code).isZero();
        return out.toString().lines().toList();
    }

    private static void append(JournalLog log, long wallNanos, Event.Builder event) throws Exception {
        log.append(Vector.of(event.setSequence(log.nextSequence()).setEpoch(1).setVersion(1).setWallTimeNanos(wallNanos).build()), false);
    }

    private static SandboxRunIntended run(String id, String name) {
        return SandboxRunIntended.newBuilder().setSandboxId(id).setConfig(PodSandboxConfig.newBuilder().setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setNamespace("default").setUid("uid-" + name))).build();
    }
}
