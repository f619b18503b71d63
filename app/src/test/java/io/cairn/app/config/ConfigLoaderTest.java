package io.cairn.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.app.config.CairnConfig.CgroupDriver;
import io.cairn.app.config.CairnConfig.LogFormat;
import io.cairn.app.config.CairnConfig.LogLevel;
import io.vavr.collection.Array;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    @TempDir
    private Path dir;

    private Path main() {
        return dir.resolve("config.toml");
    }

    private void write(String name, String text) throws IOException {
        Path file = dir.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private LoadedConfig loaded() {
        return ConfigLoader.load(Option.of(main())).getOrElseThrow(problems -> new AssertionError(problems.mkString("\n")));
    }

    private Array<String> problems() {
        return ConfigLoader.load(Option.of(main())).swap().get().map(ConfigProblem::toString).toArray();
    }

    private void refused(String text, String... expected) throws IOException {
        write("config.toml", text);
        assertThat(problems()).containsExactly(Array.of(expected).map(e -> main() + ":" + e).toJavaArray(String[]::new));
    }

    @Test
    void an_empty_file_leaves_every_default() throws IOException {
        write("config.toml", "");

        CairnConfig config = loaded().config();

        assertThat(config.stateDir()).isEqualTo(Path.of("/var/lib/cairn"));
        assertThat(config.socket()).isEqualTo(Path.of("/run/cairn/cairn.sock"));
        assertThat(config.driver()).isEqualTo("runc");
        assertThat(config.logLevel()).isEqualTo(LogLevel.INFO);
        assertThat(config.cri().maxMessageBytes()).isEqualTo(16777216);
        assertThat(config.network().cacheDir()).isEqualTo(Path.of("/var/lib/cairn/cni"));
        assertThat(config.runc().runtime()).isEqualTo(Option.none());
        assertThat(config.runtimeHandlers()).isEmpty();
    }

    @Test
    void every_kind_of_value_is_read() throws IOException {
        write("config.toml", """
                log_level = "debug"
                log_format = "json"
                [cri]
                max_message_bytes = 8388608
                [journal]
                roll_bytes = "64MiB"
                [network]
                bin_dirs = ["/a", "/b/c"]
                [images]
                max_parallel_layers = 8
                stall_timeout = "50m30s"
                pinned = ["registry.k8s.io/pause:3.10", "localhost:5000/a@sha256:0123"]
                verifier_dir = "/etc/cairn/verifiers"
                [metrics]
                address = "[::1]:9474"
                [drivers.runc]
                runtime = "/usr/bin/crun"
                cgroup_driver = "systemd"
                """);

        CairnConfig config = loaded().config();

        assertThat(config.logLevel()).isEqualTo(LogLevel.DEBUG);
        assertThat(config.logFormat()).isEqualTo(LogFormat.JSON);
        assertThat(config.cri().maxMessageBytes()).isEqualTo(8 << 20);
        assertThat(config.journal().rollBytes()).isEqualTo(64L << 20);
        assertThat(config.images().stallTimeout()).isEqualTo(Duration.ofSeconds(3030));
        assertThat(config.network().binDirs()).containsExactly(Path.of("/a"), Path.of("/b/c"));
        assertThat(config.images().maxParallelLayers()).isEqualTo(8);
        assertThat(config.images().pinned()).hasSize(2);
        assertThat(config.images().verifiers()).isEqualTo(new CairnConfig.Verifiers(Option.of(Path.of("/etc/cairn/verifiers")), 10,
                Duration.ofSeconds(10)));
        assertThat(config.metrics().address()).contains(new InetSocketAddress("::1", 9474));
        assertThat(config.runc().runtime()).isEqualTo(Option.of(Path.of("/usr/bin/crun")));
        assertThat(config.runc().cgroupDriver()).isEqualTo(CgroupDriver.SYSTEMD);
    }

    @Test
    void defaults_follow_the_directories_they_lie_in() throws IOException {
        write("config.toml", "state_dir = \"/s\"\nrun_dir = \"/r\"\n");

        CairnConfig config = loaded().config();

        assertThat(config.socket()).isEqualTo(Path.of("/r/cairn.sock"));
        assertThat(config.runc().runtimeRoot()).isEqualTo(Path.of("/r/runc"));
        assertThat(config.network().cacheDir()).isEqualTo(Path.of("/s/cni"));
    }

    @Test
    void a_later_drop_in_wins_key_by_key() throws IOException {
        write("config.toml", "state_dir = \"/main\"\nrun_dir = \"/main\"\nlog_level = \"error\"\n");
        write("config.d/20-b.toml", "state_dir = \"/b\"\n");
        write("config.d/10-a.toml", "state_dir = \"/a\"\nrun_dir = \"/a\"\n");
        write("config.d/.30-c.toml.toml", "state_dir = \"/hidden\"\n");
        write("config.d/40-d.toml~", "state_dir = \"/backup\"\n");

        LoadedConfig loaded = loaded();

        assertThat(loaded.files()).containsExactly(main(), dir.resolve("config.d/10-a.toml"), dir.resolve("config.d/20-b.toml"));
        assertThat(loaded.config().stateDir()).isEqualTo(Path.of("/b"));
        assertThat(loaded.config().runDir()).isEqualTo(Path.of("/a"));
        assertThat(loaded.config().logLevel()).isEqualTo(LogLevel.ERROR);
    }

    @Test
    void runtime_handlers_have_names_of_their_own_and_merge_over_files() throws IOException {
        write("config.toml", "[runtime_handlers.crun]\nruntime = \"/usr/bin/crun\"\n[runtime_handlers.plain]\n"
                + "[runtime_handlers.kata]\ndriver = \"docker\"\nruntime = \"kata-qemu\"\n");
        write("config.d/a.toml", "[runtime_handlers]\ncrun.runtime_args = [\"--debug\"]\n");

        CairnConfig config = loaded().config();

        assertThat(config.runtimeHandlers().keySet()).containsExactlyInAnyOrder("crun", "plain", "kata");
        assertThat(config.runtimeHandlers().get("kata").get().runtime()).isEqualTo(Option.of("kata-qemu"));
        CairnConfig.RuntimeHandler crun = config.runtimeHandlers().get("crun").get();
        assertThat(crun.driver()).isEqualTo("runc");
        assertThat(crun.runtime()).isEqualTo(Option.of("/usr/bin/crun"));
        assertThat(crun.runtimeArgs()).containsExactly("--debug");
    }

    @Test
    void a_missing_file_is_an_error_only_when_it_was_asked_for() {
        assertThat(problems()).containsExactly(main() + ": no such file");
    }

    @Test
    void an_unknown_key_is_refused_with_its_place_and_the_nearest_known_one() throws IOException {
        refused("\n  stat_dir = \"/x\"\n", "2:3: unknown key \"stat_dir\"; did you mean \"state_dir\"?");
        refused("[jurnal]\n", "1:1: unknown key \"jurnal\"; did you mean \"journal\"?");
        refused("[journal]\nroll_byte = 1\n", "2:1: unknown key \"roll_byte\" in [journal]; did you mean \"roll_bytes\"?");
        refused("[drivers.rnc]\n", "1:1: unknown key \"rnc\" in [drivers]; did you mean \"runc\"?");
        refused("roll_bytes = 1\n", "1:1: unknown key \"roll_bytes\"; \"roll_bytes\" belongs in [journal]");
        refused("[cri]\nsocket = 1\n", "2:1: unknown key \"socket\" in [cri]; \"socket\" belongs at the top of the file");
        refused("[cri]\nzzzzzz = 1\n", "2:1: unknown key \"zzzzzz\" in [cri]; expected one of max_message_bytes");
        refused("[runtime_handlers.x]\nruntim = \"auto\"\n",
                "2:1: unknown key \"runtim\" in [runtime_handlers.x]; did you mean \"runtime\"?");
    }

    @Test
    void a_bad_value_is_refused_with_its_place_what_was_found_and_what_was_expected() throws IOException {
        refused("state_dir = \"var/lib\"",
                "1:13: state_dir: expected an absolute path without \".\" and \"..\", but found the string \"var/lib\"");
        refused("state_dir = \"/a/../b\"",
                "1:13: state_dir: expected an absolute path without \".\" and \"..\", but found the string \"/a/../b\"");
        refused("log_level = \"inof\"", "1:13: log_level: expected one of \"error\", \"warn\", \"info\", \"debug\", \"trace\","
                + " but found the string \"inof\"; did you mean \"info\"?");
        refused("[images]\nmax_parallel_layers = 0",
                "2:23: images.max_parallel_layers: expected a whole number from 1 to 32, but found the number 0");
        refused("[images]\nmax_parallel_layers = 1.5",
                "2:23: images.max_parallel_layers: expected a whole number from 1 to 32, but found the fraction 1.5");
        refused("[journal]\nroll_bytes = \"64MB\"", "2:14: journal.roll_bytes: expected a size from \"16MiB\" to \"1GiB\""
                + " (units: B, KiB, MiB, GiB, TiB), but found the string \"64MB\"");
        refused("[network]\nplugin_timeout = 30", "2:18: network.plugin_timeout: expected a duration from \"1s\" to \"10m\""
                + " (units: ms, s, m, h, d), but found the number 30");
        refused("[network]\nbin_dirs = [\"/a\",\n  \"b\"]",
                "3:3: network.bin_dirs: expected an absolute path without \".\" and \"..\", but found the string \"b\"");
        refused("[drivers.runc]\nruntime = \"crun\"", "2:11: drivers.runc.runtime: expected \"auto\" or an absolute path"
                + " without \".\" and \"..\", but found the string \"crun\"");
        refused("[runtime_handlers.\"A B\"]\n", "1:1: runtime_handlers.\"A B\": expected a handler name of lower-case letters,"
                + " digits and inner dashes, at most 63, but found the string \"A B\"");
    }

    @Test
    void a_table_where_a_value_belongs_and_a_value_where_a_table_belongs_are_refused() throws IOException {
        refused("[state_dir]\nx = 1\n",
                "1:1: state_dir: expected an absolute path without \".\" and \"..\", but found a table");
        refused("journal = 3\n", "1:1: expected a table [journal], but found the number 3");
        refused("[[journal]]\n", "1:1: expected a table [journal], but found an array of 1 value");
        refused("[runtime_handlers]\nkata = true\n", "2:1: expected a table [runtime_handlers.kata], but found the boolean true");
    }

    @Test
    void all_problems_of_all_files_are_told_at_once_and_nothing_is_loaded() throws IOException {
        write("config.toml", "a_a = 1\nlog_level = 2\n");
        write("config.d/x.toml", "b_b = 1\n");

        assertThat(problems()).hasSize(3);
        assertThat(problems().last()).startsWith(dir.resolve("config.d/x.toml") + ":1:1: unknown key \"b_b\"");
    }

    @Test
    void broken_toml_is_refused_with_its_place() throws IOException {
        refused("state_dir = \n", "1:13: Unexpected end of line, expected a value");
        refused("log_level = \"info\"\nlog_level = \"info\"\n", "2:1: log_level previously defined at line 1, column 1");
    }

    @Test
    void a_file_that_is_no_text_or_too_large_or_not_regular_is_refused() throws IOException {
        Files.write(main(), new byte[] {'a', '\n', 'b', (byte) 0xff});
        assertThat(problems()).containsExactly(main() + ":2:2: expected UTF-8, but found the byte 0xFF");

        Files.write(main(), new byte[] {'#', (byte) 0xc3});
        assertThat(problems()).containsExactly(main() + ":1:2: expected UTF-8, but found the byte 0xC3");

        Files.writeString(main(), "#".repeat(TomlReader.FILE_BYTES_MAX + 1));
        assertThat(problems()).containsExactly(main() + ": expected at most 1048576 bytes, but the file is larger");

        Files.delete(main());
        Files.createDirectory(main());
        assertThat(problems()).containsExactly(main() + ": expected a regular file");
    }

    @Test
    void a_problem_is_one_line_even_when_the_file_holds_control_codes() throws IOException {
        refused("driver = \"a\\nb\\u001b[31m\"", "1:10: driver: expected the name of a driver: \"runc\", \"containerd\" or \"docker\","
                + " but found the string \"a\\nb\\u001B[31m\"");
    }

    @Test
    void a_key_as_long_as_its_file_is_cut_in_the_message() throws IOException {
        write("config.toml", "k".repeat(100_000) + " = 1");

        assertThat(problems().single()).hasSizeLessThan(1200).contains("unknown key \"kkk");
    }

    @Test
    void a_thousand_problems_are_not_all_printed() throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            text.append("wrong_").append(i).append(" = 1\n");
        }
        write("config.toml", text.toString());

        assertThat(problems()).hasSize(21);
        assertThat(problems().last()).isEqualTo(main() + ": 980 more problems, not listed");
    }
}
