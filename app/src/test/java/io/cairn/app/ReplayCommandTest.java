package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.JournalLog;
import io.cairn.journal.JournalOptions;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.KeyValue;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxMetadata;
import io.cairn.proto.journal.ContainerCreateIntended;
import io.cairn.proto.journal.ContainerCreated;
import io.cairn.proto.journal.ContainerExited;
import io.cairn.proto.journal.ContainerStartIntended;
import io.cairn.proto.journal.ContainerStarted;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ImagePullIntended;
import io.cairn.proto.journal.ImagePulled;
import io.cairn.proto.journal.SandboxRan;
import io.cairn.proto.journal.SandboxRunIntended;
import io.vavr.collection.Vector;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
    private static final String WEB = "a".repeat(64);
    private static final String NGINX = "c".repeat(64);
    private static final String IMAGE = "sha256:" + "d".repeat(64);
    private static final long TEN_O_CLOCK = 1_795_341_600_000_000_000L;
    private static final long MINUTE_NANOS = 60_000_000_000L;

    @TempDir
    private Path dir;

    private JournalLog log;
    private long minutes;

    /** Event 1 opens the epoch; each of the others comes a minute after the one before it, the second at ten o'clock UTC. */
    @BeforeEach
    void a_container_that_ran_and_ended() throws Exception {
        Path state = Files.createDirectory(dir.resolve("state"));
        Files.writeString(dir.resolve("config.toml"), "state_dir = \"%s\"\n".formatted(state));
        log = JournalLog.open(Daemon.journalDirectory(state), JournalOptions.defaults(), new Clock() {
            @Override
            public long wallNanos() {
                return TEN_O_CLOCK - MINUTE_NANOS;
            }

            @Override
            public long monotonicNanos() {
                return 0;
            }
        }, "boot", "1");
        append(Event.newBuilder().setSandboxRunIntended(SandboxRunIntended.newBuilder().setSandboxId(WEB).setConfig(
                PodSandboxConfig.newBuilder().setMetadata(PodSandboxMetadata.newBuilder().setName("web").setNamespace("default").setUid("u")))));
        append(Event.newBuilder().setSandboxRan(SandboxRan.newBuilder().setSandboxId(WEB).addIps("10.0.0.2")));
        append(Event.newBuilder().setImagePullIntended(ImagePullIntended.newBuilder().setPullId("p")));
        append(Event.newBuilder().setImagePulled(ImagePulled.newBuilder().setPullId("p").setImageId(IMAGE).setSizeBytes(4096)
                .setRepoTag("docker.io/library/nginx:1")));
        append(Event.newBuilder().setContainerCreateIntended(ContainerCreateIntended.newBuilder().setContainerId(NGINX).setSandboxId(WEB)
                .setImageId(IMAGE).setConfig(ContainerConfig.newBuilder().setMetadata(ContainerMetadata.newBuilder().setName("nginx\u001b[31m"))
                        .setImage(ImageSpec.newBuilder().setImage("nginx:1"))
                        .addEnvs(KeyValue.newBuilder().setKey("PASSWORD").setValue("hunter2")))));
        append(Event.newBuilder().setContainerCreated(ContainerCreated.newBuilder().setContainerId(NGINX)));
        append(Event.newBuilder().setContainerStartIntended(ContainerStartIntended.newBuilder().setContainerId(NGINX)));
        append(Event.newBuilder().setContainerStarted(ContainerStarted.newBuilder().setContainerId(NGINX).setPid(7)));
        append(Event.newBuilder().setContainerExited(ContainerExited.newBuilder().setContainerId(NGINX).setExitCode(3)));
        log.sync();
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void the_newest_state_is_shown_as_crictl_shows_it() throws Exception {
        assertThat(replay()).containsSubsequence("after event 10", "POD ID", "a".repeat(12), "Ready", "web", "default",
                "CONTAINER", "c".repeat(12), "nginx:1", "Exited", "a".repeat(12), "web", "IMAGE", "docker.io/library/nginx:1", "4096");
    }

    @Test
    void names_cannot_write_on_the_terminal() throws Exception {
        assertThat(replay()).doesNotContain("\u001b");
    }

    @Test
    void until_a_sequence_the_state_is_that_after_its_event() throws Exception {
        assertThat(container("1")).isEqualTo("none");
        assertThat(container("6")).as("one that is being made is not shown").isEqualTo("none");
        assertThat(container("7")).isEqualTo("CONTAINER_CREATED");
        assertThat(container("8")).isEqualTo("CONTAINER_CREATED");
        assertThat(container("9")).isEqualTo("CONTAINER_RUNNING");
        assertThat(container("10")).isEqualTo("CONTAINER_EXITED");
        assertThat(container("4711")).as("beyond the end is the end").isEqualTo("CONTAINER_EXITED");
    }

    @Test
    void until_a_time_the_state_is_that_after_the_last_event_not_younger() throws Exception {
        assertThat(container("2026-11-22T10:06:59Z")).isEqualTo("CONTAINER_CREATED");
        assertThat(container("2026-11-22T10:07:00Z")).isEqualTo("CONTAINER_RUNNING");
        assertThat(replay("--until", "2020-01-01T00:00:00Z")).contains("before the first event");
    }

    @Test
    void json_has_cris_own_messages_and_no_environment() throws Exception {
        String json = replay("-o", "json", "--until", "9");
        assertThat(json).contains("\"sequence\":\"9\"", "\"state\":\"CONTAINER_RUNNING\"", "\"repoTags\":[\"docker.io/library/nginx:1\"]")
                .doesNotContain("hunter2");
        try (var parser = new JsonFactory().createParser(json)) {
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
            assertThat(depth).isZero();
        }
    }

    @Test
    void nothing_is_written_whether_a_daemon_holds_the_journal_or_not() throws Exception {
        Map<String, FileTime> held = files();
        replay();
        assertThat(files()).isEqualTo(held);

        log.close();
        Map<String, FileTime> closed = files();
        replay();
        assertThat(files()).isEqualTo(closed);
    }

    @Test
    void what_is_appended_meanwhile_is_seen() throws Exception {
        append(Event.newBuilder().setSandboxRunIntended(SandboxRunIntended.newBuilder().setSandboxId("b".repeat(64)).setConfig(
                PodSandboxConfig.newBuilder().setMetadata(PodSandboxMetadata.newBuilder().setName("db")))));
        append(Event.newBuilder().setSandboxRan(SandboxRan.newBuilder().setSandboxId("b".repeat(64))));
        log.sync();

        assertThat(replay()).contains("db");
    }

    @Test
    void what_is_neither_a_sequence_nor_a_time_is_refused() {
        var err = new StringWriter();
        assertThat(execute(new StringWriter(), err, "--until", "yesterday")).isOne();
        assertThat(err.toString()).contains("--until", "yesterday", "5m");
    }

    private String container(String until) {
        return Vector.of("CREATED", "RUNNING", "EXITED").map("CONTAINER_"::concat)
                .find(state -> replay("-o", "json", "--until", until).contains("\"state\":\"" + state)).getOrElse("none");
    }

    private String replay(String... arguments) {
        var out = new StringWriter();
        assertThat(execute(out, new StringWriter(), arguments)).isZero();
        return out.toString();
    }

    private int execute(StringWriter out, StringWriter err, String... arguments) {
        return new Cli(Cairn.COMMANDS, false, new PrintWriter(out), new PrintWriter(err)).run(
                Vector.of("--config", dir.resolve("config.toml").toString(), "replay").appendAll(Vector.of(arguments)).toJavaArray(String[]::new));
    }

    private Map<String, FileTime> files() throws Exception {
        var found = new TreeMap<String, FileTime>();
        try (var walk = Files.walk(dir.resolve("state"))) {
            for (Path path : walk.toList()) {
                found.put(path + " " + Files.size(path), Files.getLastModifiedTime(path));
            }
        }
        return found;
    }

    private void append(Event.Builder event) throws Exception {
        log.append(Vector.of(event.setSequence(log.nextSequence()).setEpoch(1).setVersion(1)
                .setWallTimeNanos(TEN_O_CLOCK + minutes++ * MINUTE_NANOS).build()), false);
    }
}
