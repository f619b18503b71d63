package io.cairn.driver.docker.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLinkTest {
    private static final String ENGINE_ID = "a".repeat(64);

    @TempDir Path dir;
    private LogLink link;

    @BeforeEach
    void begin() {
        link = LogLink.of(dir.resolve("0.log"), dir.resolve("docker"), ENGINE_ID);
    }

    private void assertRefused() {
        assertThatThrownBy(link::make).isInstanceOfSatisfying(DriverException.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(link.place().toString());
    }

    @Test
    void itIsMadeOnceAndLeadsToTheEnginesFile() throws Exception {
        link.make();
        link.make();
        assertThat(Files.readSymbolicLink(link.place())).isEqualTo(dir.resolve("docker/containers/" + ENGINE_ID + "/" + ENGINE_ID + "-json.log"));
        link.remove();
        link.remove();
        assertThat(Files.exists(link.place(), LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void theLinkOfACreationThatWasCutShortGivesWay() throws Exception {
        LogLink.of(link.place(), dir.resolve("docker"), "b".repeat(64)).make();
        link.make();
        assertThat(Files.readSymbolicLink(link.place())).isEqualTo(link.log());
    }

    @Test
    void whatOthersHavePutThereStays() throws Exception {
        Files.writeString(link.place(), "a line\n");
        assertRefused();
        link.remove();
        assertThat(link.place()).hasContent("a line\n");

        for (Path target : new Path[] {
                dir.resolve("precious"), dir.resolve("docker/containers/../../precious/x/y-json.log"), dir.resolve("docker/containers/" + ENGINE_ID)}) {
            Files.delete(link.place());
            Files.createSymbolicLink(link.place(), target);
            assertRefused();
            link.remove();
            assertThat(Files.readSymbolicLink(link.place())).isEqualTo(target);
        }
    }
}
