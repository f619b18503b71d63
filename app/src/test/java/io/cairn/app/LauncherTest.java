package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.app.Programs.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as sh runs it, with Java homes that only print what they were started with. */
class LauncherTest {
    private static final Path SOURCE = Path.of("src/main/launcher");

    @TempDir
    private Path dir;

    private Path launcher;
    private Path jvms;

    @BeforeEach
    void an_installation_beside_an_empty_directory_of_jvms() throws IOException {
        jvms = Files.createDirectories(dir.resolve("jvm"));
        launcher = dir.resolve("cairn/bin/cairn");
        Files.createDirectories(dir.resolve("cairn/lib"));
        Programs.write(launcher, Files.readString(SOURCE.resolve("cairn")).replace("@jvm.access@", "-Daccess=1"));
        Files.writeString(dir.resolve("cairn/lib/find-java.sh"),
                Files.readString(SOURCE.resolve("find-java.sh")).replace("/usr/lib/jvm", jvms.toString()));
        Files.createFile(dir.resolve("cairn/lib/b.jar"));
        Files.createFile(dir.resolve("cairn/lib/a.jar"));
    }

    private Ran run(Path program, Map<String, String> environment, String... args) throws IOException, InterruptedException {
        return Programs.run(dir, program, environment, args);
    }

    /** A PATH on which {@code java} is the one of a home, in front of the tools sh needs. */
    private static Map<String, String> path(Path home) {
        return Map.of("PATH", home.resolve("bin") + ":/usr/bin:/bin");
    }

    @Test
    void java_home_comes_first_when_it_is_new_enough() throws Exception {
        Programs.javaHome(jvms.resolve("openjdk-25"), "25");
        Path mine = Programs.javaHome(dir.resolve("mine"), "26-ea");

        assertThat(run(launcher, Map.of("JAVA_HOME", mine.toString())).out()).startsWith(mine + "\n");
    }

    @Test
    void an_older_java_home_is_passed_over() throws Exception {
        Path old = Programs.javaHome(dir.resolve("old"), "21.0.3");
        Programs.javaHome(jvms.resolve("older-than-its-name-25"), "1.8.0_252");
        Path debian = Programs.javaHome(jvms.resolve("java-25-openjdk-amd64"), "25.0.1");

        assertThat(run(launcher, Map.of("JAVA_HOME", old.toString())).out()).startsWith(debian + "\n");
    }

    @Test
    void java_on_the_path_is_found_through_its_links() throws Exception {
        Path real = Programs.javaHome(dir.resolve("real"), "25");
        Path linked = Files.createDirectories(dir.resolve("linked/bin")).getParent();
        Files.createSymbolicLink(linked.resolve("bin/java"), real.resolve("bin/java"));

        assertThat(run(launcher, path(linked)).out()).startsWith(real + "\n");
    }

    @Test
    void a_home_without_a_release_file_is_asked_for_its_version() throws Exception {
        Path bare = Programs.javaHome(dir.resolve("bare"), "25");
        Files.delete(bare.resolve("release"));
        Files.writeString(bare.resolve("bin/java"),
                "#!/bin/sh\n[ \"$1\" = -version ] && echo 'openjdk version \"25.0.1\" 2025-10-21' >&2 || echo started\n");

        assertThat(run(launcher, Map.of("JAVA_HOME", bare.toString())).out()).isEqualTo("started\n");
    }

    @Test
    void without_a_java_that_is_new_enough_one_line_names_the_package() throws Exception {
        Path old = Programs.javaHome(dir.resolve("old"), "17.0.15");
        var expected = new Ran(1, "", "cairn: no Java 25 or newer in JAVA_HOME, /usr/lib/jvm or PATH;"
                + " on Debian 13: apt-get install openjdk-25-jdk-headless\n");

        assertThat(run(launcher, path(old))).isEqualTo(expected);
        assertThat(run(launcher, Map.of("JAVA_HOME", old.toString(), "PATH", old.resolve("bin") + ":/usr/bin:/bin"))).isEqualTo(expected);
    }

    @Test
    void the_jvm_takes_the_place_of_the_shell_with_arguments_untouched_and_options_last() throws Exception {
        Path mine = Programs.javaHome(dir.resolve("mine"), "25");
        Path link = Files.createSymbolicLink(dir.resolve("link"), launcher);

        Ran ran = run(link, Map.of("JAVA_HOME", mine.toString(), "CAIRN_JAVA_OPTS", "-Xmx1g -Dx=y"), "log", "a  b", "", "$HOME");

        Path home = dir.resolve("cairn").toRealPath();
        assertThat(ran.out().lines()).contains("pid=own", "arenas=2", "musl=false", "-Daccess=1", "-Djava.library.path=" + home.resolve("native"));
        assertThat(ran.out()).endsWith("\n-Xmx1g\n-Dx=y\n-cp\n" + home.resolve("lib/a.jar") + ":" + home.resolve("lib/b.jar")
                + "\nio.cairn.app.Cairn\nlog\na  b\n\n$HOME\n");
    }

    @Test
    void the_aot_cache_is_used_only_by_the_build_of_java_that_made_it() throws Exception {
        Path maker = Programs.javaHome(dir.resolve("maker"), "25.0.1");
        Path other = Programs.javaHome(dir.resolve("other"), "25.0.2");
        Files.createFile(dir.resolve("cairn/lib/cairn.aot"));
        Files.copy(maker.resolve("release"), dir.resolve("cairn/lib/cairn.aot.release"));

        assertThat(run(launcher, Map.of("JAVA_HOME", maker.toString())).out()).contains("\n-XX:AOTCache=");
        assertThat(run(launcher, Map.of("JAVA_HOME", other.toString())).out()).doesNotContain("AOTCache");
    }
}
