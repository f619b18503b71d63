package io.cairn.oci;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxMetadata;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Requests as a kubelet would make them, to be bent by each test. */
final class Fixtures {
    static final String PASSWD = """
            root:x:0:0:root:/root:/bin/sh
            web:x:101:102:Web:/srv/www:/bin/false
            app:x:1000:1000::/home/app:/bin/sh
            """;
    static final String GROUP = """
            root:x:0:root
            wheel:x:10:root,app
            web:x:102:
            app:x:1000:
            media:x:2000:app,web
            """;
    static final Path NET = Path.of("/run/cairn/pods/p1/net");
    static final Path IPC = Path.of("/run/cairn/pods/p1/ipc");
    static final Path UTS = Path.of("/run/cairn/pods/p1/uts");

    static final HostDevices NO_DEVICES = new HostDevices() {
        @Override
        public Either<String, List<Node>> at(Path hostPath) {
            return Either.left(hostPath + " is not there");
        }

        @Override
        public Either<String, List<Node>> all() {
            return Either.right(List.empty());
        }
    };

    private Fixtures() {}

    /** A node that has and may everything, with cgroup2. */
    static HostFacts node() {
        return new HostFacts(
                "node",
                "amd64",
                new KernelVersion(6, 12),
                new HostFacts.Cgroups(CgroupLayout.UNIFIED, HashSet.of("cpu", "cpuset", "memory", "pids", "io", "hugetlb"), true),
                new HostFacts.Daemon(CapabilityNames.BY_NUMBER.toSet(), 0, true, HashMap.empty()),
                new HostFacts.Security(false, HashSet.empty(), false, true),
                true,
                true);
    }

    static UserDatabase users() {
        return UserDatabase.parse(PASSWD.getBytes(StandardCharsets.UTF_8), GROUP.getBytes(StandardCharsets.UTF_8)).get();
    }

    static ImageConfig image() {
        return new ImageConfig(
                List.of("PATH=/bin"),
                List.of("/bin/sh"),
                List.of("-c", "true"),
                Option.none(),
                Option.none(),
                Option.none(),
                LinkedHashMap.empty());
    }

    static PodSandboxConfig.Builder pod() {
        var pod = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder().setName("web-0").setNamespace("shop").setUid("7a1c").setAttempt(0))
                .setHostname("web-0");
        pod.getLinuxBuilder().setCgroupParent("/kubepods/burstable/pod7a1c");
        pod.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.CONTAINER);
        return pod;
    }

    static ContainerConfig.Builder container() {
        var config = ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("web"))
                .setImage(ImageSpec.newBuilder().setImage("sha256:0f1e").setUserSpecifiedImage("registry.example/shop/web:1.4"));
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.CONTAINER);
        return config;
    }

    /** A container of an ordinary pod on a node that can do everything, whose devices and mounts are none. */
    static SpecRequest request(ContainerConfig.Builder config, PodSandboxConfig.Builder pod) {
        return request(config, pod, node());
    }

    static SpecRequest request(ContainerConfig.Builder config, PodSandboxConfig.Builder pod, HostFacts host) {
        return SpecRequest.of(
                        "c1",
                        "p1",
                        config.build(),
                        pod.build(),
                        image(),
                        Path.of("rootfs"),
                        PodNamespaces.of(NET, IPC, UTS),
                        CgroupDriver.CGROUPFS,
                        host)
                .withUsers(users())
                .withHostMounts(path -> Option.none())
                .withHostDevices(NO_DEVICES);
    }

    static SpecRequest withImage(SpecRequest r, ImageConfig image) {
        return SpecRequest.of(r.containerId(), r.sandboxId(), r.config(), r.sandbox(), image, r.rootfs(), r.namespaces(),
                        r.cgroupDriver(), r.host())
                .withUsers(r.users())
                .withHostMounts(r.hostMounts())
                .withHostDevices(r.hostDevices());
    }

    static SpecRequest request(ContainerConfig.Builder config) {
        return request(config, pod());
    }

    static BuiltSpec built(SpecRequest request) {
        return SpecBuilder.build(request).getOrElseThrow(problem -> new AssertionError(problem.toString()));
    }

    static SpecProblem refused(SpecRequest request) {
        return SpecBuilder.build(request).swap().getOrElseThrow(spec -> new AssertionError("Expected a refusal, but built: " + spec));
    }
}
