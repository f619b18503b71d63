package io.cairn.testkit;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.LinuxContainerConfig;
import io.cairn.proto.cri.LinuxPodSandboxConfig;
import io.cairn.proto.cri.LinuxSandboxSecurityContext;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxMetadata;
import java.io.IOException;
import java.util.List;

/** Pods and containers as a kubelet asks for them, to be changed further. */
public final class Configs {
    /** Ends at once when it is asked to, as pid 1 does only if it says so; its processes are the same at every look for leaks. */
    public static final String SLEEP = "trap 'exit 0' TERM; sleep 1000000 & wait";

    private Configs() {}

    /** A pod in the namespace {@code test}, with a log directory and, as the kubelet wants it, a PID namespace per container. */
    public static PodSandboxConfig.Builder pod(TestNode node, String name) throws IOException {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder().setName(name).setNamespace("test").setUid("uid-" + name))
                .setHostname(name)
                .setLogDirectory(node.logDirectory(name).toString())
                .putLabels("app", name)
                .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(node.cgroupParent()).setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))));
    }

    /** A container that runs a command in place of the image's; its log is {@code name.log}. */
    public static ContainerConfig.Builder container(String name, String image, String... command) {
        var config = ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setLogPath(name + ".log")
                .addAllCommand(List.of(command));
        config.setLinux(LinuxContainerConfig.newBuilder());
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.CONTAINER);
        return config;
    }

    /** A container that runs a shell script. */
    public static ContainerConfig.Builder shell(String name, String image, String script) {
        return container(name, image, "sh", "-c", script);
    }
}
