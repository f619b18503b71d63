package io.cairn.core.sim;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.KeyValue;
import io.cairn.proto.cri.LinuxPodSandboxConfig;
import io.cairn.proto.cri.LinuxSandboxSecurityContext;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxMetadata;

/** Configurations as a kubelet sends them. */
public final class Configs {
    private Configs() {}

    public static PodSandboxConfig pod(String name, int attempt) {
        return PodSandboxConfig.newBuilder().setMetadata(PodSandboxMetadata.newBuilder().setName(name).setNamespace("default")
                        .setUid("uid-" + name).setAttempt(attempt)).setHostname(name).setLogDirectory("/var/log/pods/" + name)
                .putLabels("app", name).putLabels("tier", "test").putAnnotations("note", "of " + name).build();
    }

    public static PodSandboxConfig hostNetworkPod(String name, int attempt) {
        return pod(name, attempt).toBuilder().setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(
                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE))))
                .build();
    }

    /** @param program one of {@link Programs} */
    public static ContainerConfig container(String name, int attempt, String image, String program) {
        return ContainerConfig.newBuilder().setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt))
                .setImage(ImageSpec.newBuilder().setImage(image)).addCommand(program).addArgs("1")
                .addEnvs(KeyValue.newBuilder().setKey("HOME").setValue("/root")).putLabels("app", name).putAnnotations("note", name)
                .setLogPath(name + "/" + attempt + ".log").build();
    }
}
