package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Command;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that says what is in a file stands for one that says its version. */
final class AnswersTest {
    @TempDir
    private Path dir;
    private Path program;
    private Path said;

    @BeforeEach
    void makeProgram() throws Exception {
        program = Files.copy(Path.of("/bin/cat").toRealPath(), dir.resolve("program"));
        said = Files.writeString(dir.resolve("said"), "1.0");
    }

    @Test
    void aProgramIsAskedAgainOnlyWhenItIsAnother() throws Exception {
        assertThat(ask("boot", program)).isEqualTo("1.0");
        Files.writeString(said, "2.0");
        assertThat(ask("boot", program)).isEqualTo("1.0");
        Files.setLastModifiedTime(program, FileTime.fromMillis(1_000_000));
        assertThat(ask("boot", program)).isEqualTo("2.0");
        Files.writeString(said, "3.0");
        assertThat(ask("boot", program)).isEqualTo("2.0");
    }

    @Test
    void afterABootItIsAskedAgain() throws Exception {
        ask("boot", program);
        Files.writeString(said, "2.0");
        assertThat(ask("another boot", program)).isEqualTo("2.0");
    }

    @Test
    void aScriptIsAlwaysAsked() throws Exception {
        Path script = Files.writeString(dir.resolve("script"), "#!/bin/sh\nexec cat \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        ask("boot", script);
        Files.writeString(said, "2.0");
        assertThat(ask("boot", script)).isEqualTo("2.0");
    }

    @Test
    void aFailureIsNoAnswer() throws Exception {
        Files.delete(said);
        ask("boot", program);
        Files.writeString(said, "2.0");
        assertThat(ask("boot", program)).isEqualTo("2.0");
    }

    @Test
    void whatIsCutShortIsAskedAnew() throws Exception {
        ask("boot", program);
        Files.writeString(dir.resolve("answers.json"), "{\"");
        Files.writeString(said, "2.0");
        assertThat(ask("boot", program)).isEqualTo("2.0");
    }

    private String ask(String boot, Path asked) throws Exception {
        Answers answers = Answers.read(dir, new Boot(boot, 0));
        String answer = answers.to(new Command("Asking", List.of(asked.toString(), said.toString()), HashMap.empty(), dir,
                Duration.ofSeconds(20), 1 << 10)).stdout().toStringUtf8();
        answers.remember();
        return answer;
    }
}
