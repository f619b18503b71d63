package io.cairn.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.DriverFixture;
import io.vavr.collection.HashMap;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What people who ask the engine for a container's use are told, where the configuration says that they are to be. */
class DockerStatsTest extends DriverFixture {
    @RegisterExtension
    private final TestEngine engine = new TestEngine(true);

    @Override
    protected Driver open(Path directory) throws Exception {
        return engine.open(directory, HashMap.of("drivers.docker.engine_stats", "on"));
    }

    @Test
    void theEngineCanTellWhatAContainerOfAPodUses() throws Exception {
        SandboxSpec pod = pod();
        String id = run(pod, shell("sleep 1000"));

        JsonNode stats = engine.docker().get("/containers/%s/stats?stream=0".formatted(id));
        assertThat(stats.at("/pids_stats/current").asLong()).isPositive();
        assertThat(stats.at("/memory_stats/usage").asLong()).isPositive();
        assertThat(engine.docker().get("/containers/%s/json".formatted(pod.id())).at("/Config/NetworkDisabled").asBoolean()).isFalse();
    }
}
