package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.ImageStatusRequest;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.StatusRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Verbose answers: JSON, under the names by which tools look for things with every runtime. */
final class InfoTest extends CriTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode json(java.util.Map<String, String> info, String key) throws Exception {
        assertThat(info).containsKey(key);
        return JSON.readTree(info.get(key));
    }

    @Test
    void aContainerIsToldWithItsProcessAndItsSpec() throws Exception {
        Pod pod = run("told");
        String id = startSleeping(pod);

        JsonNode info = json(cri.runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).setVerbose(true).build())
                .getInfoMap(), "info");

        assertThat(info.path("sandboxID").asText()).isEqualTo(pod.id());
        assertThat(Path.of("/proc", info.path("pid").asText(), "status")).exists();
        assertThat(info.path("runtimeSpec").path("process").path("args")).isNotEmpty();
        assertThat(info.path("config").path("metadata").path("name").asText()).isEqualTo("sleeper");
        assertThat(cri.runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build()).getInfoMap()).isEmpty();
    }

    @Test
    void aPodIsToldWithItsNetworkNamespace() throws Exception {
        Pod pod = run("told");

        JsonNode info = json(cri.runtime().podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.id()).setVerbose(true)
                .build()).getInfoMap(), "info");

        assertThat(info.path("config").path("metadata").path("name").asText()).isEqualTo("told");
        JsonNode namespace = info.path("runtimeSpec").path("linux").path("namespaces").path(0);
        assertThat(namespace.path("type").asText()).isEqualTo("network");
        assertThat(Files.exists(Path.of(namespace.path("path").asText()))).isTrue();
    }

    @Test
    void theRuntimeAndImagesAreToldAsJson() throws Exception {
        var status = cri.runtime().status(StatusRequest.newBuilder().setVerbose(true).build());
        assertThat(json(status.getInfoMap(), "config").path("drivers").path(node.driver().name()).asText()).isNotEmpty();
        var image = cri.images().imageStatus(ImageStatusRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(IMAGE)).setVerbose(true)
                .build());
        assertThat(json(image.getInfoMap(), "info").path("driver").asText()).isEqualTo(node.driver().name());
    }
}
