package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code cairn doctor} finds, as its user sees it. */
class DoctorCommandTest {
    @TempDir
    private Path dir;

    private int code;

    private String doctor(String configuration) throws IOException {
        Path config = Files.writeString(dir.resolve("config.toml"), configuration);
        var out = new StringWriter();
        code = new Cli(Cairn.COMMANDS, false, new PrintWriter(out), new PrintWriter(System.err, true)).run("--config", config.toString(), "doctor");
        return out.toString();
    }

    @Test
    void a_host_that_has_all_is_well() throws IOException {
        assertThat(doctor("state_dir = \"%s/none\"".formatted(dir))).startsWith("ok   host: user: root\n")
                .contains("ok   runc: conmon: /usr/bin/conmon\n", "ok   runc: OCI runtime: /");
        assertThat(code).isZero();
        assertThat(dir.resolve("none")).doesNotExist();
    }

    @Test
    void somebody_who_is_not_root_is_told_so() {
        assertThat(DoctorCommand.user(1000)).isEqualTo(
                Finding.bad("user", "1000: only root may make the namespaces, mounts and cgroups of pods; run cairn as root"));
    }

    @Test
    void what_is_missing_is_named_with_its_remedy() throws IOException {
        assertThat(doctor("[drivers.runc]\nconmon = \"/nowhere/conmon\"\n"))
                .contains("BAD  runc: conmon: /nowhere/conmon is no program: install the package conmon, or set drivers.runc.conmon\n");
        assertThat(code).isEqualTo(1);
    }

    @Test
    void a_containerd_that_does_not_answer_is_named_by_its_socket() throws IOException {
        String found = doctor("driver = \"containerd\"\n[drivers.containerd]\naddress = \"%s/containerd.sock\"\n".formatted(dir));

        assertThat(found).contains("\nBAD  containerd: containerd: Cannot ask for the version: containerd at " + dir + "/containerd.sock");
        assertThat(code).isEqualTo(1);
    }

    @Test
    void a_docker_that_does_not_answer_is_named_by_its_socket() throws IOException {
        String found = doctor("driver = \"docker\"\n[drivers.docker]\nsocket = \"%s/docker.sock\"\n".formatted(dir));

        assertThat(found).contains("\nBAD  docker: docker: Cannot ask for the engine's configuration: docker at %s/docker.sock does not answer: "
                .formatted(dir)).contains("is it running?");
        assertThat(code).isEqualTo(1);
    }
}
