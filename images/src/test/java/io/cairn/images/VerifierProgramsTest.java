package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.FakeRegistry;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryOptions;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierProgramsTest {
    private static final String NAME = "registry.example/team/app:1";
    private static final Descriptor TARGET = new Descriptor("application/vnd.oci.image.index.v1+json", Digest.of(new byte[] {1}), 1234);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path dir;
    private Path programs;

    @BeforeEach
    void makeDirectory() throws IOException {
        programs = Files.createDirectory(dir.resolve("verifiers"));
    }

    private void program(String name, String script) throws IOException {
        Files.writeString(programs.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(programs.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Option<String> objection(int programsMax, Duration deadline) throws InterruptedException {
        return new VerifierPrograms(programs, programsMax, deadline).objection(NAME, TARGET);
    }

    private Option<String> objection() throws InterruptedException {
        return objection(10, LONG);
    }

    @Test
    void aProgramIsToldTheImageAsContainerdTellsIt() throws Exception {
        program("v", "for word; do echo \"$word\"; done > '%1$s/arguments'; cat > '%1$s/stdin'; pwd > '%1$s/cwd'".formatted(dir));
        assertThat(objection()).isEmpty();
        assertThat(dir.resolve("arguments")).hasContent(String.join("\n", "-name", NAME, "-digest", TARGET.digest().toString(),
                "-stdin-media-type", "application/vnd.oci.descriptor.v1+json"));
        assertThat(dir.resolve("stdin")).hasContent("{\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"digest\":\""
                + TARGET.digest() + "\",\"size\":1234}");
        assertThat(dir.resolve("cwd")).hasContent("/");
    }

    @Test
    void allMustAgreeAndTheFirstThatDoesNotSaysWhy() throws Exception {
        program("10-yes", "echo fine; echo 10 >> '%s/called'".formatted(dir));
        program("20-no", "echo 'no signature'; echo 'of ours'; echo noise >&2; exit 3");
        program("30-never", "echo 30 >> '%s/called'".formatted(dir));
        assertThat(objection().get()).isEqualTo("verifier " + programs.resolve("20-no") + " refused it (exit code 3): no signature of ours");
        assertThat(dir.resolve("called")).hasContent("10");
        assertThat(objection(1, LONG)).as("the others are not called").isEmpty();
    }

    @Test
    void whoeverCannotBeAskedHasNotAgreed() throws Exception {
        assertThat(objection().get()).contains("no verifier in " + programs);
        Files.writeString(programs.resolve("README"), "not a program");
        assertThat(objection().get()).contains("only programs").contains("README");
        Files.delete(programs.resolve("README"));
        Files.createDirectory(programs.resolve("d"));
        assertThat(objection().get()).contains("only programs");
        Files.delete(programs.resolve("d"));
        program("v", "");
        Files.writeString(programs.resolve("v"), "#!/there/is/no/such/shell\n");
        assertThat(objection().get()).contains("cannot be run").contains(programs.resolve("v").toString());
        program("v", "kill -9 $$");
        assertThat(objection().get()).contains("exit code 137");
        Files.delete(programs.resolve("v"));
        Files.delete(programs);
        assertThat(objection().get()).contains("cannot be read").contains(programs.toString());
    }

    @Test
    void timeAndOutputAreBounded() throws Exception {
        program("v", "echo $$ > '%s/pid'; sleep 1000 & wait".formatted(dir));
        assertThat(objection(10, Duration.ofSeconds(3)).get()).contains("did not end within 3000 ms");
        long pid = Long.parseLong(Files.readString(dir.resolve("pid")).strip());
        ProcessHandle.of(pid).ifPresent(process -> assertThat(process.onExit().orTimeout(60, TimeUnit.SECONDS)).succeedsWithin(LONG));
        program("v", "yes a-long-reason | head -c 10000000; yes | head -c 10000000 >&2; printf '\\033[2J'; exit 1");
        assertThat(objection().get()).hasSizeLessThan(1000).contains("a-long-reason a-long-reason").doesNotContain("\033");
        program("v", "exec <&-; exit 0");
        assertThat(objection()).as("a program need not read").isEmpty();
    }

    @Test
    void anInterruptEndsTheProgram() throws Exception {
        program("v", "mkfifo '%1$s/fifo'; echo started > '%1$s/fifo'; sleep 1000".formatted(dir));
        var result = new CompletableFuture<Option<String>>();
        Thread asking = Thread.ofPlatform().start(() -> {
            try {
                result.complete(objection());
            } catch (InterruptedException e) {
                result.completeExceptionally(e);
            }
        });
        while (!Files.exists(dir.resolve("fifo"))) {
            Thread.onSpinWait();
        }
        assertThat(Files.readString(dir.resolve("fifo"))).isEqualTo("started\n");
        asking.interrupt();
        assertThatThrownBy(() -> result.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void nothingIsKeptOfAnImageThatIsRefused() throws Exception {
        program("v", "case $4 in \"$(cat '%s/trusted')\") ;; *) echo 'unknown digest'; exit 1 ;; esac".formatted(dir));
        TestImage image = TestImage.of(Tar.of(Tar.file("f", "x")));
        byte[] index = TestImage.index(TestImage.OCI_INDEX, Map.of("linux/amd64", image));
        Files.writeString(dir.resolve("trusted"), "nothing");
        try (FakeRegistry registry = FakeRegistry.start();
                ImageStore store = ImageStore.open(dir.resolve("images"), RegistryOptions.defaults(), new VerifierPrograms(programs, 1, LONG)).get()) {
            registry.with("app", "amd64", image).with("app", "1", TestImage.OCI_INDEX, index);
            var reference = ImageReference.parse(registry.address() + "/app:1").get();
            PullFailure failure = store.pull(reference, Credentials.anonymous(), PullProgress.NONE).getLeft();
            assertThat(failure).isInstanceOf(PullFailure.Unverified.class);
            assertThat(failure.message()).contains("app:1").contains("unknown digest");
            assertThat(registry.count("GET", "/blobs/")).isZero();
            assertThat(dir.resolve("images/blobs")).isEmptyDirectory();
            Files.writeString(dir.resolve("trusted"), Digest.of(index).toString());
            assertThat(store.pull(reference, Credentials.anonymous(), PullProgress.NONE).isRight()).isTrue();
            Files.writeString(dir.resolve("trusted"), "nothing");
            assertThat(store.pull(reference, Credentials.anonymous(), PullProgress.NONE).isLeft()).as("though it is here").isTrue();
        }
    }
}
