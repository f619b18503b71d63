package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PortMapping;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.testkit.Configs;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What no kubelet would send. The answer names the field, and nothing changes on the host or in the lists. */
final class BadInputTest extends CriTest {
    enum BadPod {
        NO_METADATA("config.metadata", c -> c.clearMetadata()),
        NO_NAME("config.metadata.name", c -> c.getMetadataBuilder().clearName()),
        NO_NAMESPACE("config.metadata.namespace", c -> c.getMetadataBuilder().clearNamespace()),
        NO_UID("config.metadata.uid", c -> c.getMetadataBuilder().clearUid()),
        NAME_WITH_SLASH("config.metadata.name", c -> c.getMetadataBuilder().setName("../../etc")),
        NAME_WITH_LINE_END("config.metadata.name", c -> c.getMetadataBuilder().setName("a\nb")),
        UID_THAT_CLIMBS("config.metadata.uid", c -> c.getMetadataBuilder().setUid("..")),
        LONG_HOSTNAME("config.hostname", c -> c.setHostname("h".repeat(65))),
        HOSTNAME_WITH_BLANK("config.hostname", c -> c.setHostname("a b")),
        RELATIVE_LOG_DIRECTORY("config.log_directory", c -> c.setLogDirectory("logs")),
        LOG_DIRECTORY_THAT_CLIMBS("config.log_directory", c -> c.setLogDirectory("/var/log/../../etc")),
        PORT_TOO_HIGH("config.port_mappings.host_port", c -> c.addPortMappings(PortMapping.newBuilder().setHostPort(65536).setContainerPort(80))),
        PORT_BELOW_ZERO("config.port_mappings.container_port", c -> c.addPortMappings(PortMapping.newBuilder().setContainerPort(-1))),
        CGROUP_PARENT_THAT_CLIMBS("cgroup_parent", c -> c.getLinuxBuilder().setCgroupParent("/a/../../b")),
        SYSCTL_THAT_CLIMBS("sysctl", c -> c.getLinuxBuilder().putSysctls("net/../kernel/panic", "1"));

        private final String word;
        private final Consumer<PodSandboxConfig.Builder> spoil;

        BadPod(String word, Consumer<PodSandboxConfig.Builder> spoil) {
            this.word = word;
            this.spoil = spoil;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBadPodIsRefused(BadPod bad) throws Exception {
        PodSandboxConfig.Builder config = podConfig("bad");
        bad.spoil.accept(config);

        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.runPod(config.build()), bad.word);
    }

    enum BadContainer {
        NO_METADATA(Code.INVALID_ARGUMENT, "config.metadata", c -> c.clearMetadata()),
        NAME_WITH_SLASH(Code.INVALID_ARGUMENT, "config.metadata.name", c -> c.getMetadataBuilder().setName("a/b")),
        NO_IMAGE(Code.INVALID_ARGUMENT, "image", c -> c.clearImage()),
        UNKNOWN_IMAGE(Code.NOT_FOUND, "cri.cairn.test/unknown:1", c -> c.setImage(ImageSpec.newBuilder().setImage("cri.cairn.test/unknown:1"))),
        LOG_PATH_THAT_CLIMBS(Code.INVALID_ARGUMENT, "config.log_path", c -> c.setLogPath("../../../etc/cron.d/evil")),
        ABSOLUTE_LOG_PATH(Code.INVALID_ARGUMENT, "config.log_path", c -> c.setLogPath("/etc/cron.d/evil")),
        MOUNT_FROM_RELATIVE_PATH(Code.INVALID_ARGUMENT, "relative", c -> c.addMounts(mount("relative", "/v"))),
        MOUNT_TO_RELATIVE_PATH(Code.INVALID_ARGUMENT, "config.mounts.container_path", c -> c.addMounts(mount("/tmp", "v"))),
        MOUNT_THAT_CLIMBS(Code.INVALID_ARGUMENT, "config.mounts.container_path", c -> c.addMounts(mount("/tmp", "/v/../../etc"))),
        MOUNT_OF_NOTHING(Code.INVALID_ARGUMENT, "config.mounts", c -> c.addMounts(mount("", "/v"))),
        UNKNOWN_STOP_SIGNAL(Code.INVALID_ARGUMENT, "config.stop_signal", c -> c.setStopSignalValue(999)),
        UNKNOWN_CAPABILITY(Code.INVALID_ARGUMENT, "FLY", c -> c.getLinuxBuilder().getSecurityContextBuilder().getCapabilitiesBuilder().addAddCapabilities("FLY")),
        RELATIVE_WORKING_DIRECTORY(Code.INVALID_ARGUMENT, "working", c -> c.setWorkingDir("not/absolute")),
        ENVIRONMENT_NAME_WITH_EQUALS(Code.INVALID_ARGUMENT, "A=B",
                c -> c.addEnvs(io.cairn.proto.cri.KeyValue.newBuilder().setKey("A=B").setValue("c")));

        private final Code code;
        private final String word;
        private final Consumer<ContainerConfig.Builder> spoil;

        BadContainer(Code code, String word, Consumer<ContainerConfig.Builder> spoil) {
            this.code = code;
            this.word = word;
            this.spoil = spoil;
        }

        private static Mount mount(String host, String container) {
            return Mount.newBuilder().setHostPath(host).setContainerPath(container).build();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBadContainerIsRefused(BadContainer bad) throws Exception {
        Pod pod = run("ground");
        ContainerConfig.Builder config = sleeping("bad");
        bad.spoil.accept(config);

        assertRefusedWithoutTrace(bad.code, () -> cri.create(pod.id(), pod.config(), config.build()), bad.word);
    }

    @Test
    void aRequestWithoutAConfigIsRefused() throws Exception {
        Pod pod = run("ground");

        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.runtime().runPodSandbox(RunPodSandboxRequest.getDefaultInstance()), "config");
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.runtime().createContainer(
                CreateContainerRequest.newBuilder().setPodSandboxId(pod.id()).build()), "config");
    }

    @Test
    void aHandlerThatIsNotConfiguredIsRefusedWithItsName() throws Exception {
        var request = RunPodSandboxRequest.newBuilder().setConfig(podConfig("handled")).setRuntimeHandler("quantum").build();

        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.runtime().runPodSandbox(request), "quantum");
    }

    @Test
    void whatIsNotKnownIsNotFound() throws Exception {
        for (String id : new String[] {"0123456789abcdef", "../../etc/passwd", "no such\nthing"}) {
            assertRefusedWithoutTrace(Code.NOT_FOUND, () -> cri.podStatus(id));
            assertRefusedWithoutTrace(Code.NOT_FOUND, () -> cri.containerStatus(id));
            assertRefusedWithoutTrace(Code.NOT_FOUND, () -> cri.start(id));
            assertRefusedWithoutTrace(Code.NOT_FOUND, () -> cri.create(id, PodSandboxConfig.getDefaultInstance(), sleeping("lost").build()));
        }
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.podStatus(""));
        assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.containerStatus(""));
    }

    @Test
    void aContainerInAStoppedPodIsRefused() throws Exception {
        Pod pod = run("stopped");
        String waits = create(pod, sleeping("waits"));
        cri.stopPod(pod.id());

        assertRefusedWithoutTrace(Code.FAILED_PRECONDITION, () -> cri.create(pod.id(), pod.config(), sleeping("late").build()), pod.id());
        assertRefusedWithoutTrace(Code.FAILED_PRECONDITION, () -> cri.start(waits));
    }

    @Test
    void anImageNameThatIsNoneIsRefused() throws Exception {
        for (String name : new String[] {"", "cri.cairn.test/UPPER", "a b", "x@sha256:short", "../../etc/passwd"}) {
            assertRefusedWithoutTrace(Code.INVALID_ARGUMENT, () -> cri.pull(name), "image");
        }
    }

    @Test
    void aMessageOfMoreThan16MiBIsRefusedAndTheDaemonGoesOn() throws Exception {
        PodSandboxConfig huge = podConfig("huge").putAnnotations("huge", "x".repeat(17 << 20)).build();

        assertRefusedWithoutTrace(Code.RESOURCE_EXHAUSTED, () -> cri.runPod(huge));
        assertThat(cri.version().getRuntimeName()).isEqualTo("cairn");
    }

    @Test
    void aLogThatIsALinkLeadsNowhere() throws Exception {
        Pod pod = run("linked");
        var target = Files.writeString(node.root().resolve("precious"), "precious\n");
        Files.createSymbolicLink(node.logDirectory("linked").resolve("trap.log"), target);

        try {
            awaitExit(start(pod, Configs.shell("trap", IMAGE, "echo overwritten")));
        } catch (io.grpc.StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        }
        assertThat(target).hasContent("precious");
    }
}
