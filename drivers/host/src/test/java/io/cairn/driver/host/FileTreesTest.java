package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreesTest {
    private static final int ROUNDS = 300;

    @TempDir Path temp;

    @Test
    void aTreeIsDeletedWithAllBelowItAndNoLinkIsFollowed() throws Exception {
        Path elsewhere = Files.createDirectories(temp.resolve("elsewhere/in"));
        Path tree = Files.createDirectories(temp.resolve("tree/in/it"));
        Files.writeString(tree.resolve("file"), "x");
        Files.createSymbolicLink(tree.resolve("link"), elsewhere);
        FileTrees.delete(temp.resolve("tree"));
        FileTrees.delete(temp.resolve("tree"));
        assertThat(temp).isDirectoryNotContaining("glob:**/tree");
        assertThat(elsewhere).exists();
    }

    /** A look at a container that ends while it is removed writes down how, at any moment of the removal. */
    @Test
    void whatSomebodyStillWritesIsDeletedToo() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Path tree = Files.createDirectory(temp.resolve("tree"));
            Files.writeString(tree.resolve("record"), "x");
            var writing = CompletableFuture.runAsync(() -> writeWhenItGoes(tree), Thread::startVirtualThread);
            FileTrees.delete(tree);
            writing.get();
            assertThat(tree).doesNotExist();
        }
    }

    private static void writeWhenItGoes(Path tree) {
        try {
            while (Files.exists(tree.resolve("record"))) {
                Thread.onSpinWait();
            }
            Files.writeString(tree.resolve("late"), "y");
        } catch (NoSuchFileException tooLate) {
            // The directory was gone first.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
