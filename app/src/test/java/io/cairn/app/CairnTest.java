package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.app.config.LoadedConfig;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        return run(Cairn.COMMANDS, false, args);
    }

    private static Ran run(Vector<Command> commands, boolean debug, String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = new Cli(commands, debug, new PrintWriter(out), new PrintWriter(err)).run(args);
        return new Ran(code, out.toString(), err.toString());
    }

    private record Failing(RuntimeException cause) implements Command {
        @Override
        public String words() {
            return "fail";
        }

        @Override
        public String description() {
            return "Fails.";
        }

        @Override
        public int run(Invocation invocation) {
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
        assertThat(run("--no-such", "serve")).isEqualTo(new Ran(2, "", "cairn: Unknown option: '--no-such' (see: cairn --help)\n"));
        assertThat(run("version", "-o", "json")).isEqualTo(new Ran(2, "", "cairn: Unknown option: '-o' (see: cairn version --help)\n"));
        assertThat(run("version", "more")).isEqualTo(new Ran(2, "", "cairn: Unmatched argument: 'more' (see: cairn version --help)\n"));
        assertThat(run("", "version")).isEqualTo(new Ran(2, "", "cairn: Unmatched argument: '' (see: cairn --help)\n"));
        assertThat(run("verify", "--config")).isEqualTo(new Ran(2, "", "cairn: Missing value of option '--config' (see: cairn verify --help)\n"));
        assertThat(run("--config", "a", "verify", "--config=b"))
                .isEqualTo(new Ran(2, "", "cairn: Option '--config' should be specified only once (see: cairn verify --help)\n"));
        assertThat(run("log", "-o", "xml")).isEqualTo(
                new Ran(2, "", "cairn: Invalid value for option '-o': expected text or json but was 'xml' (see: cairn log --help)\n"));
    }

    @Test
    void help_of_a_command_names_its_options_and_of_a_group_its_commands() {
        assertThat(run("log", "--help").out()).contains("Usage: cairn log", "--pod=POD", "-o=FORMAT", "--config=FILE", "Exit codes:");
        assertThat(run("config", "-h").out()).contains("Usage: cairn config COMMAND", "config default", "config show").doesNotContain("serve");
        assertThat(run("verify", "--help").out()).contains("0  all is as it was written");
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

        assertThat(run(Vector.of(failing), false, "fail"))
                .isEqualTo(new Ran(1, "", "cairn: IllegalStateException: first\\nsecond\n"));
        assertThat(run(Vector.of(failing), true, "fail").err())
                .startsWith("cairn: IllegalStateException: first\\nsecond\n").contains("\tat io.cairn.app.CairnTest");
    }
}
