package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.proto.cri.RuntimeHandlerFeatures;
import io.cairn.testkit.DriverUnderTest.Feature;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

/** Several OCI runtimes by name (RuntimeClass). */
final class HandlerTest extends CriTest {
    private RuntimeHandlerFeatures features(String handler) {
        return cri.status().getRuntimeHandlersList().stream().filter(h -> h.getName().equals(handler)).findFirst().orElseThrow().getFeatures();
    }

    private String run(PodSandboxConfig config, String handler) {
        return cri.runtime().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).setRuntimeHandler(handler).build())
                .getPodSandboxId();
    }

    @Test
    void eachHandlersFeaturesAreThoseOfItsRuntime() {
        assertThat(features("second")).isEqualTo(features(""));
        assertThat(features("").getRecursiveReadOnlyMounts()).isEqualTo(node.driver().can(Feature.RECURSIVE_READ_ONLY));
        assertThat(features("absent")).isEqualTo(RuntimeHandlerFeatures.getDefaultInstance());
    }

    @Test
    void aPodOfAHandlerRunsOnItsRuntime() throws Exception {
        PodSandboxConfig config = podConfig("by-handler").build();
        Pod pod = new Pod(run(config, "second"), config);

        assertThat(cri.podStatus(pod.id()).getRuntimeHandler()).isEqualTo("second");
        assertThat(output(pod, shell("second", "echo ran"))).isEqualTo("ran\n");
    }

    @Test
    void aRuntimeThatIsNotThereIsToldBeforeAPodIsMade() throws Exception {
        PodSandboxConfig config = podConfig("absent").build();

        assertRefusedWithoutTrace(Status.Code.UNAVAILABLE, () -> run(config, "absent"), node.driver().absentRuntime(), "runtime_handlers.absent.runtime");
    }
}
