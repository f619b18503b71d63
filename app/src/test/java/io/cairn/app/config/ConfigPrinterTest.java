package io.cairn.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.Array;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigPrinterTest {
    @TempDir
    private Path dir;

    private LoadedConfig loaded(String text) throws IOException {
        Path file = Files.writeString(dir.resolve("config.toml"), text);
        return ConfigLoader.load(Option.of(file)).getOrElseThrow(problems -> new AssertionError(problems.mkString("\n")));
    }

    @Test
    void the_printed_defaults_are_a_configuration_that_changes_nothing() throws IOException {
        assertThat(loaded(LoadedConfig.defaults()).config()).isEqualTo(loaded("").config());
    }

    @Test
    void the_printed_defaults_are_still_valid_with_every_comment_taken_off_an_assignment() throws IOException {
        String all = LoadedConfig.defaults().replaceAll("(?m)^# (\\[|[a-z_]+ = )", "$1").replace("." + Key.ANY + "]", ".kata]");

        assertThat(loaded(all).config().runtimeHandlers().keySet()).containsExactly("kata");
        assertThat(loaded(all).config().socket()).isEqualTo(loaded("").config().socket());
    }

    @Test
    void every_key_is_printed_once_with_a_comment() {
        Array<String> lines = Array.of(LoadedConfig.defaults().split("\n"));
        for (Key<?> key : ConfigTable.KEYS) {
            assertThat(key.comment()).endsWith(".");
            assertThat(lines.count(l -> l.replace("# ", "").startsWith(key.name() + " = "))).as(key.name())
                    .isEqualTo(ConfigTable.KEYS.count(k -> k.name().equals(key.name())));
        }
        assertThat(lines.filter(l -> l.length() > 140)).isEmpty();
    }

    @Test
    void every_key_stands_in_the_section_that_lists_it_and_no_two_have_one_path() {
        for (ConfigTable.Section section : ConfigTable.SECTIONS) {
            assertThat(section.keys()).allMatch(k -> k.section().equals(section.name()));
        }
        assertThat(ConfigTable.KEYS.map(k -> k.path(Key.ANY)).distinct()).hasSameSizeAs(ConfigTable.KEYS);
    }

    @Test
    void what_is_shown_reads_back_as_the_same_configuration_and_names_each_origin() throws IOException {
        LoadedConfig loaded = loaded("log_level = \"warn\"\n[journal]\nroll_bytes = 123456789\n"
                + "[images]\nstall_timeout = \"50m\"\npinned = [\"a/b:c\"]\n[runtime_handlers.kata]\nruntime_args = [\"--x=\\\"y\\\\\\n\"]\n");

        String shown = loaded.shown();

        assertThat(shown).contains("log_level = \"warn\"  # " + dir.resolve("config.toml") + ":1\n",
                "roll_bytes = \"123456789B\"  # " + dir.resolve("config.toml") + ":3\n",
                "stall_timeout = \"50m\"  # ", "driver = \"runc\"  # default\n", "[runtime_handlers.kata]\n");
        assertThat(loaded(shown).config()).isEqualTo(loaded.config());
    }
}
