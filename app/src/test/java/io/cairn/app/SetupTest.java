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

/** scripts/setup.sh with stand-ins for dpkg-query, apt-get and id, and every path of the system moved below a directory. */
class SetupTest {
    private static final Path SCRIPTS = Path.of("../scripts");
    private static final Path FIND_JAVA = Path.of("src/main/launcher/find-java.sh");

    @TempDir
    private Path dir;

    private Path setup;
    private Path policy;

    @BeforeEach
    void a_debian_13_with_everything_installed() throws IOException {
        setup = Programs.write(dir.resolve("repo/scripts/setup.sh"), moved(SCRIPTS.resolve("setup.sh")));
        Programs.write(dir.resolve("repo").resolve("app").resolve(FIND_JAVA), moved(FIND_JAVA));
        policy = dir.resolve("usr/sbin/policy-rc.d");
        Files.createDirectories(policy.getParent());
        Files.createDirectories(dir.resolve("etc"));
        Files.createDirectories(dir.resolve("tmp"));
        debian("13");
        uid(0);
        missing("none");
        aptGet("echo noise");
        Programs.javaHome(dir, "17");
        Path jdk = Programs.javaHome(dir.resolve("usr/lib/jvm/java-25-openjdk"), "25.0.1");
        Programs.write(jdk.resolve("bin/javac"), "#!/bin/sh\n");
    }

    private String moved(Path script) throws IOException {
        return Files.readString(script).replaceAll("(?<![\\w.])/(usr/lib/jvm|usr/sbin/|etc/)(?!.*apt-get install)", dir + "/$1");
    }

    private void debian(String version) throws IOException {
        Files.writeString(dir.resolve("etc/os-release"), "ID=debian\nVERSION_ID=\"" + version + "\"\n");
    }

    private void uid(int uid) throws IOException {
        Programs.write(dir.resolve("bin/id"), "#!/bin/sh\necho " + uid + "\n");
    }

    private void missing(String packages) throws IOException {
        Programs.write(dir.resolve("bin/dpkg-query"),
                "#!/bin/sh\nfor last; do :; done\ncase $last in " + packages + ") exit 1;; esac\necho install ok installed\n");
    }

    /** Each call leaves a line with its arguments and what policy-rc.d answers meanwhile. */
    private void aptGet(String body) throws IOException {
        Programs.write(dir.resolve("bin/apt-get"), "#!/bin/sh\n" + policy + "; echo \"policy $? $*\" >> " + dir + "/calls\n" + body + "\n");
    }

    private Ran run() throws IOException, InterruptedException {
        return Programs.run(dir, setup, Map.of("PATH", dir.resolve("bin") + ":/usr/bin:/bin", "TMPDIR", dir.resolve("tmp").toString()));
    }

    private String calls() throws IOException {
        return Files.exists(dir.resolve("calls")) ? Files.readString(dir.resolve("calls")) : "";
    }

    @Test
    void it_says_and_does_nothing_when_nothing_is_missing() throws Exception {
        uid(1000);

        assertThat(run()).isEqualTo(new Ran(0, "", ""));
        assertThat(calls()).isEmpty();
    }

    @Test
    void it_installs_only_what_is_missing_and_lets_no_service_start_meanwhile() throws Exception {
        missing("runc|docker-registry");

        assertThat(run()).isEqualTo(new Ran(0, "setup: installing: runc docker-registry\n", ""));
        assertThat(calls()).matches("policy 101 .* install -y --no-install-recommends runc docker-registry\n");
        assertThat(policy).doesNotExist();
        assertThat(dir.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void the_policy_that_stood_there_comes_back_even_when_an_earlier_run_was_killed() throws Exception {
        missing("runc");
        Programs.write(policy, "#!/bin/sh\nexit 7\n");
        aptGet("kill -9 $PPID");
        assertThat(run().code()).isEqualTo(128 + 9);
        assertThat(policy).content().contains("exit 101");

        aptGet("echo noise");
        run();

        assertThat(policy).hasContent("#!/bin/sh\nexit 7\n");
        assertThat(policy.resolveSibling("policy-rc.d.before-cairn")).doesNotExist();
    }

    @Test
    void lists_are_fetched_when_a_package_is_not_found_and_a_failure_shows_what_apt_said() throws Exception {
        missing("runc");
        aptGet("case \"$*\" in *install*) echo no such package; exit 100;; esac");

        Ran ran = run();

        assertThat(calls().lines()).hasSize(3);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).isEqualTo("no such package\nsetup: apt-get could not install: runc\n");
        assertThat(policy).doesNotExist();
    }

    @Test
    void a_user_who_is_not_root_is_told_what_to_install() throws Exception {
        missing("runc");
        uid(1000);

        assertThat(run()).isEqualTo(new Ran(1, "", "setup: missing: runc; run as root to install, or: apt-get install runc\n"));
        assertThat(calls()).isEmpty();
    }

    @Test
    void a_missing_jdk_is_installed_on_debian_13() throws Exception {
        Files.delete(dir.resolve("usr/lib/jvm/java-25-openjdk/bin/javac"));

        assertThat(run().out()).isEqualTo("setup: installing: openjdk-25-jdk-headless\n");
    }

    @Test
    void a_missing_jdk_elsewhere_is_one_line_that_names_the_package() throws Exception {
        debian("12");
        Files.delete(dir.resolve("usr/lib/jvm/java-25-openjdk/release"));
        Programs.javaHome(dir.resolve("usr/lib/jvm/java-25-openjdk"), "24");

        assertThat(run()).isEqualTo(new Ran(1, "", "setup: no JDK 25 or newer in JAVA_HOME, /usr/lib/jvm or PATH;"
                + " Debian 13 has it: apt-get install openjdk-25-jdk-headless\n"));
        assertThat(calls()).isEmpty();
    }
}
