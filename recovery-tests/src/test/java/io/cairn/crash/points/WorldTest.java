package io.cairn.crash.points;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.testkit.Await;
import io.cairn.testkit.TestNode;
import io.cairn.testkit.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Worlds are equal only where nothing was done but to journal and projection. */
final class WorldTest {
    private TestNode node;
    private Path state;
    private Set<String> others;

    @BeforeEach
    void makeNode() throws Exception {
        node = TestNode.createWithoutNetwork();
        state = Files.createDirectories(node.root().resolve("state"));
        Files.createDirectory(state.resolve("journal"));
        Files.writeString(state.resolve("record"), "1");
        others = World.others(node);
    }

    @AfterEach
    void takeAway() throws Exception {
        node.close();
    }

    private interface Change {
        void make() throws Exception;
    }

    private boolean isSeen(Change change) throws Exception {
        World before = World.of(node, others);
        assertThat(World.of(node, others)).isEqualTo(before);
        change.make();
        return !World.of(node, others).equals(before);
    }

    @Test
    void journalProjectionAndLockAreNoPartOfIt() throws Exception {
        assertThat(isSeen(() -> Files.writeString(state.resolve("journal/epoch"), "1"))).isFalse();
        assertThat(isSeen(() -> Files.createDirectory(state.resolve("projection")))).isFalse();
        assertThat(isSeen(() -> Files.writeString(state.resolve("lock"), "1"))).isFalse();
    }

    @Test
    void everyOtherFileIs() throws Exception {
        Path record = state.resolve("record");
        assertThat(isSeen(() -> Files.writeString(state.resolve("new"), "1"))).isTrue();
        assertThat(isSeen(() -> Files.writeString(record, "22"))).isTrue();
        assertThat(isSeen(() -> Files.setPosixFilePermissions(record, PosixFilePermissions.fromString("r--------")))).isTrue();
        assertThat(isSeen(() -> Files.setLastModifiedTime(record, FileTime.fromMillis(1)))).isTrue();
        assertThat(isSeen(() -> Files.delete(record))).isTrue();
    }

    @Test
    void aMountIs() throws Exception {
        Path point = Files.createDirectory(node.root().resolve("point"));
        assertThat(isSeen(() -> Tool.run("mount", "-t", "tmpfs", "nothing", point.toString()).orThrow())).isTrue();
        assertThat(isSeen(() -> Tool.run("umount", point.toString()).orThrow())).isTrue();
    }

    @Test
    void aProcessIs() throws Exception {
        var process = new Process[1];
        assertThat(isSeen(() -> {
            process[0] = new ProcessBuilder("sh", "-c", "read line; exit", node.root().toString()).start();
            // Java goes on before the kernel shows its arguments.
            Path arguments = Path.of("/proc", Long.toString(process[0].pid()), "cmdline");
            Await.until("it is what it was begun for", Duration.ofSeconds(30), () -> HostFacts.text(arguments).contains(node.root().toString()));
        })).isTrue();
        assertThat(isSeen(() -> process[0].destroyForcibly().waitFor())).isTrue();
    }

    @Test
    void nodesInWhichTheSameWasDoneAreAlike() throws Exception {
        try (TestNode other = TestNode.createWithoutNetwork()) {
            Files.createDirectories(other.root().resolve("state/journal"));
            Files.writeString(other.root().resolve("state/record"), "1");
            Set<String> ofOther = World.others(other);
            assertThat(World.alike(other, ofOther)).isEqualTo(World.alike(node, others));
            Files.writeString(other.root().resolve("state/record"), "2");
            assertThat(World.alike(other, ofOther)).isNotEqualTo(World.alike(node, others));
        }
    }
}
