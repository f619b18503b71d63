package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.app.config.LoadedConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class CairnTest {
    @TempDir
    private Path dir;

    private Path config;

    @BeforeEach
    void an_empty_configuration() throws IOException {
        config = Files.writeString(dir.resolve("config.toml"), "");
    }

    private record Ran(int code, String out, String err) {}

    private static Ran run(String... args) {
        return run(Cairn.commandLine(false), args);
    }

    private static Ran run(CommandLine cairn, String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = cairn.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
        return new Ran(code, out.toString(), err.toString());
    }

    @Command(name = "fail")
    private record Failing(RuntimeException cause) implements Runnable {
        @Override
        public void run() {
            throw cause;
        }
    }

    @Test
    void help_names_the_commands_and_the_exit_codes() {
        Ran help = run("--help");

        assertThat(help.code()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out()).contains("Usage: cairn", "config", "version", "--config=FILE", "Exit codes:").doesNotContain("\u001b");
    }

    @Test
    void version_names_cairn_and_java() {
        assertThat(run("version")).isEqualTo(run("--version"));
        assertThat(run("version").out()).matches("cairn [0-9]+\\.[0-9]+.*\\nJava .*, Linux .*\\n");
    }

    @Test
    void a_wrong_command_line_is_one_line_on_stderr_and_exit_code_2() {
        assertThat(run()).isEqualTo(new Ran(2, "", "cairn: Missing required subcommand (see: cairn --help)\n"));
        assertThat(run("config")).isEqualTo(new Ran(2, "", "cairn: Missing required subcommand (see: cairn config --help)\n"));
        assertThat(run("cofig").code()).isEqualTo(2);
        assertThat(run("config", "show", "--no\n-such")).isEqualTo(
                new Ran(2, "", "cairn: Unknown option: '--no\\n-such' (see: cairn config show --help)\n"));
    }

    @Test
    void config_default_prints_the_documented_defaults() {
        assertThat(run("config", "default")).isEqualTo(new Ran(0, LoadedConfig.defaults(), ""));
    }

    @Test
    void config_show_prints_what_is_in_force_wherever_the_option_stands() throws IOException {
        Files.writeString(config, "log_level = \"debug\"\n");

        Ran shown = run("config", "show", "--config", config.toString());

        assertThat(shown.code()).isZero();
        assertThat(shown.out()).contains("log_level = \"debug\"  # " + config + ":1\n", "driver = \"runc\"  # default\n");
        assertThat(run("--config", config.toString(), "config", "show")).isEqualTo(shown);
    }

    @Test
    void config_check_says_ok_or_names_each_problem_on_a_line() throws IOException {
        assertThat(run("config", "check", "--config", config.toString())).isEqualTo(new Ran(0, "ok: " + config + "\n", ""));

        Files.writeString(config, "a_b = 1\nc_d = 1\n");
        Ran checked = run("config", "check", "--config", config.toString());

        assertThat(checked.code()).isEqualTo(1);
        assertThat(checked.out()).isEmpty();
        assertThat(checked.err().split("\n")).hasSize(2).allMatch(line -> line.startsWith("cairn: " + config + ":"));
    }

    @Test
    void a_failure_is_one_line_and_a_stack_trace_only_when_asked_for() {
        var failing = new Failing(new IllegalStateException("first\nsecond"));

        assertThat(run(Cairn.commandLine(false).addSubcommand(failing), "fail"))
                .isEqualTo(new Ran(1, "", "cairn: IllegalStateException: first\\nsecond\n"));
        assertThat(run(Cairn.commandLine(true).addSubcommand(failing), "fail").err())
                .startsWith("cairn: IllegalStateException: first\\nsecond\n").contains("\tat io.cairn.app.CairnTest");
    }
}
