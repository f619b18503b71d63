package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.daemon.Daemon;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.JournalLog;
import io.cairn.core.recovery.Replay;
import io.cairn.journal.JournalOptions;
import io.cairn.journal.StateLock;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ImagePullIntended;
import io.vavr.collection.Vector;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    private static final int PULLS = 5;

    @TempDir
    private Path dir;

    private Path state;

    @BeforeEach
    void a_configuration() throws Exception {
        state = dir.resolve("state");
        Files.writeString(dir.resolve("config.toml"), "state_dir = \"%s\"\n".formatted(state));
    }

    private record Ran(int code, String out, String err) {}

    private Ran verify() {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = new Cli(Cairn.COMMANDS, false, new PrintWriter(out), new PrintWriter(err))
                .run("--config", dir.resolve("config.toml").toString(), "verify");
        return new Ran(code, out.toString(), err.toString());
    }

    private void life() throws Exception {
        Files.createDirectories(state);
        try (JournalLog log = JournalLog.open(Daemon.journalDirectory(state), JournalOptions.defaults(), Clock.SYSTEM, "boot", "1")) {
            for (int i = 0; i < PULLS; i++) {
                log.append(Vector.of(Event.newBuilder().setSequence(log.nextSequence()).setEpoch(log.epoch()).setVersion(1).setImagePullIntended(
                        ImagePullIntended.newBuilder().setPullId("pull-" + log.nextSequence()).setReference("docker.io/library/web:latest"))
                        .build()), false);
            }
            log.sync();
            Replay.run(log.journal(), Daemon.projectionDirectory(state), Daemon.snapshotsDirectory(state)).projection().close();
        }
        JournalLog.open(Daemon.accessDirectory(state), JournalOptions.defaults(), Clock.SYSTEM, "boot", "1").close();
    }

    @Test
    void what_is_good_is_said_so_with_the_count_and_the_head() throws Exception {
        life();
        life();
        Ran good = verify();
        assertThat(good.err()).isEmpty();
        assertThat(good.out()).contains("12 records in 2 epochs (1 to 12)").containsPattern("head: +12 [0-9a-f]{64}").contains("from nothing")
                .contains("compared, at event 12").containsPattern("access: +2 records").containsPattern("verdict: +good");
        assertThat(good.code()).isZero();
    }

    @Test
    void the_first_bad_record_is_named_and_the_exit_code_is_one() throws Exception {
        life();
        Path data = Daemon.journalDirectory(state).resolve("epoch-0000000000000001").resolve("19700101F.cq4");
        int third = new String(Files.readAllBytes(data), StandardCharsets.ISO_8859_1).indexOf("pull-3");
        try (var file = new RandomAccessFile(data.toFile(), "rw")) {
            file.seek(third);
            file.write('P');
        }
        Ran bad = verify();
        assertThat(bad.code()).isOne();
        assertThat(bad.out()).contains("Record 3 of the journal").containsPattern("verdict: +NOT GOOD").contains("2 records in 1 epochs");
    }

    @Test
    void while_a_daemon_runs_it_says_so_and_reads_all_the_same() throws Exception {
        life();
        try (StateLock _ = StateLock.acquire(state)) {
            Ran good = verify();
            assertThat(good.code()).isZero();
            assertThat(good.out()).contains("process " + ProcessHandle.current().pid() + " is running");
        }
        assertThat(verify().out()).doesNotContain("is running");
    }

    @Test
    void where_no_cairn_has_run_there_is_nothing_to_verify() {
        Ran none = verify();
        assertThat(none.code()).isOne();
        assertThat(none.err()).contains("there is no journal in " + state);
    }
}
