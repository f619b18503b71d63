package io.cairn.bench.journal;

import io.cairn.proto.cri.*;
import io.cairn.proto.journal.*;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Random;

/**
 * The events of pods that come, are probed, and go, a hundred of them at any time, with configurations of the size a kubelet
 * sends: nineteen events a life, two of them with a configuration.
 */
final class Lives {
    private static final int PODS = 100;

    private final Random random = new Random(1);
    private final List<Queue<Event.Builder>> pods = new ArrayList<>();
    private int born;

    /** The next event, without its sequence and epoch. */
    Event.Builder next() {
        while (pods.size() < PODS) {
            pods.add(life());
        }
        int index = random.nextInt(PODS);
        Queue<Event.Builder> pod = pods.get(index);
        Event.Builder event = pod.remove();
        if (pod.isEmpty()) {
            pods.set(index, life());
        }
        return event.setVersion(1).setWallTimeNanos(1_795_305_600_000_000_000L + born).setMonotonicNanos(born).setDriver("runc")
                .setPeer(Peer.newBuilder().setPid(812).setExecutable("/usr/bin/kubelet")).setCorrelationId("0123456789abcdef");
    }

    private Queue<Event.Builder> life() {
        String pod = id();
        String container = id();
        String exec = id();
        born++;
        var events = new ArrayDeque<Event.Builder>();
        events.add(event().setSandboxRunIntended(SandboxRunIntended.newBuilder().setSandboxId(pod).setConfig(podConfig())));
        events.add(event().setSandboxRan(SandboxRan.newBuilder().setSandboxId(pod).setNetworkNamespace("/run/cairn/netns/" + pod)
                .addIps("10.88.3.7")));
        events.add(event().setContainerCreateIntended(ContainerCreateIntended.newBuilder().setContainerId(container).setSandboxId(pod)
                .setImageId("sha256:" + pod).setStopSignal(15).setConfig(containerConfig())));
        events.add(event().setContainerCreated(ContainerCreated.newBuilder().setContainerId(container)
                .setUser(ContainerUser.newBuilder().setLinux(LinuxContainerUser.newBuilder().setUid(1000).setGid(1000)))));
        events.add(event().setContainerStartIntended(ContainerStartIntended.newBuilder().setContainerId(container)));
        events.add(event().setContainerStarted(ContainerStarted.newBuilder().setContainerId(container).setPid(4711).setStartedAtNanos(born)));
        for (int probe = 0; probe < 2; probe++) {
            events.add(event().setExecIntended(ExecIntended.newBuilder().setExecId(exec + probe).setContainerId(container)
                    .addCommand("/bin/healthy").setTimeoutMillis(1000)));
            events.add(event().setExecFinished(ExecFinished.newBuilder().setExecId(exec + probe)));
        }
        events.add(event().setContainerStopIntended(ContainerStopIntended.newBuilder().setContainerId(container).setSignal(15)
                .setGraceMillis(30_000)));
        events.add(event().setContainerExited(ContainerExited.newBuilder().setContainerId(container).setExitCode(143)
                .setFinishedNotBeforeNanos(born).setFinishedNotAfterNanos(born).setEvidence(Evidence.newBuilder()
                        .setWitness(Evidence.Witness.EXIT_RECORD).setDetail("exit file").setObservedAtNanos(born))));
        events.add(event().setContainerStopFinished(ContainerStopFinished.newBuilder().setContainerId(container)));
        events.add(event().setSandboxStopIntended(SandboxStopIntended.newBuilder().setSandboxId(pod)));
        events.add(event().setSandboxStopped(SandboxStopped.newBuilder().setSandboxId(pod)));
        events.add(event().setContainerRemoveIntended(ContainerRemoveIntended.newBuilder().setContainerId(container)));
        events.add(event().setContainerRemoved(ContainerRemoved.newBuilder().setContainerId(container)));
        events.add(event().setSandboxRemoveIntended(SandboxRemoveIntended.newBuilder().setSandboxId(pod)));
        events.add(event().setSandboxRemoved(SandboxRemoved.newBuilder().setSandboxId(pod)));
        return events;
    }

    private static Event.Builder event() {
        return Event.newBuilder();
    }

    private String id() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private PodSandboxConfig podConfig() {
        String name = "web-7d9c5b7f4d-" + born;
        return PodSandboxConfig.newBuilder().setMetadata(PodSandboxMetadata.newBuilder().setName(name).setNamespace("default").setUid(uid()))
                .setHostname(name).setLogDirectory("/var/log/pods/default_" + name + "_" + uid())
                .setDnsConfig(DNSConfig.newBuilder().addServers("10.96.0.10").addSearches("default.svc.cluster.local")
                        .addSearches("svc.cluster.local").addSearches("cluster.local").addOptions("ndots:5"))
                .putLabels("app", "web").putLabels("pod-template-hash", "7d9c5b7f4d").putLabels("io.kubernetes.pod.name", name)
                .putLabels("io.kubernetes.pod.namespace", "default").putLabels("io.kubernetes.pod.uid", uid())
                .putAnnotations("kubernetes.io/config.seen", "2026-11-22T10:00:00.000000000Z").putAnnotations("kubernetes.io/config.source", "api")
                .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent("/kubepods/burstable/pod" + uid())
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(
                                NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER)))).build();
    }

    private ContainerConfig containerConfig() {
        var config = ContainerConfig.newBuilder().setMetadata(ContainerMetadata.newBuilder().setName("web"))
                .setImage(ImageSpec.newBuilder().setImage("sha256:" + "0".repeat(64)).setUserSpecifiedImage("registry.example/web:1.2.3"))
                .addCommand("/usr/bin/web").addArgs("--listen=:8080").setLogPath("web/0.log")
                .putLabels("io.kubernetes.container.name", "web").putLabels("io.kubernetes.pod.name", "web-7d9c5b7f4d-" + born)
                .putLabels("io.kubernetes.pod.namespace", "default").putLabels("io.kubernetes.pod.uid", uid())
                .putAnnotations("io.kubernetes.container.hash", "a1b2c3d4").putAnnotations("io.kubernetes.container.restartCount", "0")
                .putAnnotations("io.kubernetes.container.terminationMessagePath", "/dev/termination-log")
                .setLinux(LinuxContainerConfig.newBuilder().setResources(LinuxContainerResources.newBuilder().setCpuShares(512)
                        .setMemoryLimitInBytes(256 << 20).setOomScoreAdj(900)));
        for (String service : List.of("KUBERNETES", "WEB", "DATABASE")) {
            config.addEnvs(KeyValue.newBuilder().setKey(service + "_SERVICE_HOST").setValue("10.96.0.1"));
            config.addEnvs(KeyValue.newBuilder().setKey(service + "_SERVICE_PORT").setValue("443"));
        }
        for (String mount : List.of("kube-api-access", "etc-hosts", "termination-log")) {
            config.addMounts(Mount.newBuilder().setContainerPath("/var/run/" + mount)
                    .setHostPath("/var/lib/kubelet/pods/" + uid() + "/volumes/" + mount).setReadonly(true));
        }
        return config.build();
    }

    private String uid() {
        return "00000000-0000-4000-8000-%012d".formatted(born);
    }
}
