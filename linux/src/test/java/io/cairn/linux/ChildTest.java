package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.Child.Output;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] NOTHING = {};

    /** Keeps an output and tells when something has come. */
    private static final class Kept implements Child.Sink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CountDownLatch some = new CountDownLatch(1);

        @Override
        public synchronized void accept(byte[] buffer, int from, int to) {
            bytes.write(buffer, from, to - from);
            some.countDown();
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        void awaitSome() throws InterruptedException {
            assertThat(some.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Program sh(String script, String... arguments) {
        var argv = new java.util.ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
        argv.addAll(List.of(arguments));
        return new Program(argv, Map.of("PATH", "/usr/bin:/bin", "WHO", "a walker"), Path.of("/"));
    }

    private static String output(Program program) throws Exception {
        var stdout = new Kept();
        try (Child child = Child.start(program, NOTHING, Output.of(1, stdout))) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            assertThat(child.awaitOutput(PATIENCE)).isTrue();
            assertThat(child.exitCode()).isZero();
        }
        return stdout.text();
    }

    @Test
    void hasItsArgumentsItsEnvironmentItsDirectoryAndNoOthers(@TempDir Path dir) throws Exception {
        var program = new Program(List.of("/usr/bin/env"), Map.of("WHO", "a walker", "LETTERS", "ä ö"), dir);
        assertThat(output(program).lines()).containsExactlyInAnyOrder("WHO=a walker", "LETTERS=ä ö");
        assertThat(output(sh("pwd; echo \"$1|$2\"", "two words", "")).lines()).containsExactly("/", "two words|");
        assertThat(output(new Program(List.of("/bin/pwd"), Map.of(), dir)).strip()).isEqualTo(dir.toRealPath().toString());
    }

    @Test
    void hasNoDescriptorsButThoseItIsGiven(@TempDir Path dir) throws Exception {
        // What the JDK opens stays open across exec(3) or not as it likes.
        try (var open = Files.newByteChannel(Files.createFile(dir.resolve("lock")))) {
            assertThat(open.isOpen()).isTrue();
            assertThat(output(sh("ls /proc/$$/fd")).lines()).containsExactlyInAnyOrder("0", "1", "2");
            assertThat(output(sh("readlink /proc/$$/fd/0; readlink /proc/$$/fd/2")).lines()).containsExactly("/dev/null", "/dev/null");
        }
    }

    @Test
    void isGivenADescriptorBeyondTheStandardOnes() throws Exception {
        var third = new Kept();
        var stderr = new Kept();
        try (Child child = Child.start(sh("echo out; echo err >&2; echo three >&3; exec >&3; ls /proc/$$/fd"), NOTHING,
                Output.of(3, third), Output.of(2, stderr))) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            assertThat(child.awaitOutput(PATIENCE)).isTrue();
        }
        assertThat(third.text().lines()).containsExactly("three", "0", "1", "2", "3");
        assertThat(stderr.text()).isEqualTo("err\n");
    }

    @Test
    void readsAllOfItsInputWhileItWritesAsMuch() throws Exception {
        byte[] input = "0123456789abcdef".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
        var stdout = new Kept();
        try (Child child = Child.start(new Program(List.of("/bin/cat"), Map.of(), Path.of("/")), input, Output.of(1, stdout))) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            assertThat(child.awaitOutput(PATIENCE)).isTrue();
        }
        assertThat(stdout.text()).isEqualTo(new String(input, StandardCharsets.US_ASCII));
    }

    @Test
    void isFreeNotToReadItsInput() throws Exception {
        try (Child child = Child.start(sh("exit 3"), new byte[1 << 20])) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            assertThat(child.exitCode()).isEqualTo(3);
        }
    }

    @Test
    void tellsTheSignalThatEndedItAndLeavesNoZombie() throws Exception {
        try (Child child = Child.start(sh("kill -TERM $$"), NOTHING)) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            assertThat(child.exitCode()).isEqualTo(128 + 15);
            assertThat(Processes.stat(child.pid())).isEmpty();
        }
    }

    @Test
    void isKilledWhileItRuns() throws Exception {
        try (Child child = Child.start(new Program(List.of("/bin/sleep", "1000"), Map.of(), Path.of("/")), NOTHING)) {
            assertThat(child.awaitEnd(Duration.ZERO)).isFalse();
            assertThatThrownBy(child::exitCode).isInstanceOf(IllegalStateException.class);
            child.kill();
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            assertThat(child.exitCode()).isEqualTo(128 + 9);
            child.kill();
        }
    }

    @Test
    void beginsWithNoSignalBlockedOrIgnoredInAGroupOfItsOwn() throws Exception {
        List<String> status = output(new Program(List.of("/bin/cat", "/proc/self/status", "/proc/self/stat"), Map.of(), Path.of("/"))).lines().toList();
        assertThat(status).contains("SigBlk:\t0000000000000000");
        // glibc has 32 and 33 for itself, and leaves them ignored across posix_spawn.
        assertThat(status).containsAnyOf("SigIgn:\t0000000000000000", "SigIgn:\t0000000180000000");
        String[] stat = status.getLast().split(" ");
        assertThat(stat[4]).isEqualTo(stat[0]);
    }

    @Test
    void isNotWaitedForByTheOutputOfWhatItLeftBehind(@TempDir Path dir) throws Exception {
        Path go = dir.resolve("go");
        var stdout = new Kept();
        try (Child child = Child.start(sh("(while [ ! -e \"$1\" ]; do sleep 0.01; done; echo late) & echo early", go.toString()), NOTHING,
                Output.of(1, stdout))) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            stdout.awaitSome();
            assertThat(child.awaitOutput(Duration.ZERO)).isFalse();
            Files.createFile(go);
            assertThat(child.awaitOutput(PATIENCE)).isTrue();
            assertThat(stdout.text()).isEqualTo("early\nlate\n");
        }
    }

    @Test
    void readingEndsWhenItIsToldTo() throws Exception {
        var stdout = new Kept();
        try (Child child = Child.start(sh("sleep 1000 & echo $!"), NOTHING, Output.of(1, stdout))) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            stdout.awaitSome();
            child.finish(Duration.ZERO);
            assertThat(child.awaitOutput(Duration.ZERO)).isTrue();
        } finally {
            ProcessHandle.of(Long.parseLong(stdout.text().strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void readingEndsWhenThereIsEnough() throws Exception {
        var stdout = new Kept();
        try (Child child = Child.start(sh("sleep 1000 & echo $!"), NOTHING, () -> stdout.text().endsWith("\n"), Output.of(1, stdout))) {
            assertThat(child.awaitOutput(PATIENCE)).isTrue();
            assertThat(child.exitCode()).isZero();
        } finally {
            ProcessHandle.of(Long.parseLong(stdout.text().strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void writesToAPipeByItsPath() throws Exception {
        var log = new Kept();
        Pipe pipe = Pipe.open();
        try (Child child = Child.start(sh("echo logged > \"$1\"", pipe.writeEnd().toString()), NOTHING, Output.at(pipe, log))) {
            assertThat(child.awaitEnd(PATIENCE)).isTrue();
            assertThat(child.awaitOutput(PATIENCE)).isTrue();
            assertThat(log.text()).isEqualTo("logged\n");
        }
    }

    @Test
    void saysWhyAProgramCannotBeRun(@TempDir Path dir) throws Exception {
        Path plain = Files.createFile(dir.resolve("plain"));
        assertFails(new Program(List.of("/nowhere"), Map.of(), dir), Errno.ENOENT, "posix_spawn(/nowhere)");
        assertFails(new Program(List.of(plain.toString()), Map.of(), dir), Errno.EACCES, plain.toString());
        assertFails(new Program(List.of("/bin/true", "a\0b"), Map.of(), dir), Errno.EINVAL, "a b");
    }

    private static void assertFails(Program program, Errno errno, String words) {
        assertThatThrownBy(() -> Child.start(program, NOTHING, Output.of(1, new Kept())))
                .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.is(errno)).isTrue()).hasMessageContaining(words);
    }
}
