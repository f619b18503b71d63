package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.network.AttachmentRecord.Phase;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentStoreTest {
    @TempDir
    Path dir;

    private AttachmentStore store;

    @BeforeEach
    void open() throws Exception {
        store = new AttachmentStore(dir);
    }

    private static ObjectNode json(String text) {
        return Json.parseObject(text.getBytes(StandardCharsets.UTF_8)).get();
    }

    private static AttachmentRecord record(String id) {
        NetworkList network = NetworkList.parse(json("{\"cniVersion\": \"1.0.0\", \"name\": \"lab\", \"type\": \"bridge\"}")).get();
        ObjectNode capabilityArgs = json("{\"ips\": [\"10.0.0.1\"]}");
        return new AttachmentRecord(id, Phase.ADDING, "/run/x", "boot 1:2", "A=B", network, capabilityArgs, Option.none(), Option.none());
    }

    @Test
    void whatIsWrittenIsReadUntilItIsDeleted() throws Exception {
        AttachmentRecord full = record("a").withResult(json("{\"ips\": []}")).attached().blockedSince(5);
        store.write(full);
        store.write(record("b.json"));
        assertThat(store.read("a")).contains(full);
        assertThat(new AttachmentStore(dir).ids()).containsExactlyInAnyOrder("a", "b.json");
        store.delete("a");
        store.delete("a");
        assertThat(store.read("a")).isEmpty();
        assertThat(store.ids()).containsExactly("b.json");
    }

    @Test
    void theProgressOfAChainCountsOnlyWhileItRuns() throws Exception {
        store.write(record("a"));
        store.noteProgress("a", json("{\"n\": 1}"));
        store.noteProgress("a", json("{\"n\": 2}"));
        assertThat(store.read("a").get().result()).contains(json("{\"n\": 2}"));
        Files.writeString(dir.resolve(".a.progress"), "{\"n\":");
        assertThat(store.read("a")).as("torn by a power cut").contains(record("a"));
        store.write(record("a"));
        assertThat(store.read("a")).contains(record("a"));
        store.noteProgress("a", json("{\"n\": 3}"));
        store.delete("a");
        assertThat(CniLab.files(dir)).isEmpty();
    }

    @Test
    void aDamagedOrForeignRecordIsNotUsed() throws Exception {
        store.write(record("a"));
        Files.copy(dir.resolve("a.json"), dir.resolve("b.json"));
        assertThat(store.read("b")).isEmpty();
        Files.writeString(dir.resolve("a.json"), "");
        assertThat(store.read("a")).isEmpty();
        Fuzz.mutations(new String(record("c").withResult(json("{\"ips\": []}")).toBytes(), StandardCharsets.UTF_8), 5_000, bytes ->
                Json.parseObject(bytes).flatMap(AttachmentRecord::parse).forEach(r ->
                        assertThat(Json.parseObject(r.toBytes()).flatMap(AttachmentRecord::parse)).contains(r)));
    }

    @Test
    void aRecordThatCouldNotBeReadAgainIsNotWritten() {
        AttachmentRecord huge = record("a").withResult(Json.object().put("x", "y".repeat(9 << 20)));
        assertThatThrownBy(() -> store.write(huge)).hasMessageContaining("at most 8388608 bytes");
        assertThat(dir).isEmptyDirectory();
    }
}
