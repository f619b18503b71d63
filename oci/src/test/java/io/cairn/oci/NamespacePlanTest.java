package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.UserNamespace;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class NamespacePlanTest {
    private static ContainerConfig.Builder own(Consumer<NamespaceOption.Builder> change) {
        var config = container();
        change.accept(config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder());
        return config;
    }

    private static PodSandboxConfig.Builder pods(Consumer<NamespaceOption.Builder> change) {
        var pod = pod();
        change.accept(pod.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder());
        return pod;
    }

    private static SpecRequest in(SpecRequest r, PodNamespaces namespaces) {
        return SpecRequest.of(r.containerId(), r.sandboxId(), r.config(), r.sandbox(), r.image(), r.rootfs(), namespaces,
                r.cgroupDriver(), r.host());
    }

    /** "type" for a new one, "type=path" for one to join. */
    private static List<String> namespaces(SpecRequest request) {
        return built(request).spec().linux().namespaces().map(n -> n.type() + n.path().map(p -> "=" + p).getOrElse(""));
    }

    private static Option<String> pid(SpecRequest request) {
        return namespaces(request).find(n -> n.startsWith("pid"));
    }

    @Test
    void anOrdinaryContainerJoinsItsPodAndHasItsOwnProcesses() {
        assertThat(namespaces(request(container()))).containsExactly(
                "mount", "pid", "network=" + Fixtures.NET, "ipc=" + Fixtures.IPC, "uts=" + Fixtures.UTS, "cgroup");
        assertThat(built(request(container())).spec().hostname()).as("set already where UTS was made").isEmpty();
    }

    @Test
    void aPodOnTheNodesNamespacesHasNoneOfThem() {
        var onNode = pods(o -> o.setNetwork(NamespaceMode.NODE).setIpc(NamespaceMode.NODE).setPid(NamespaceMode.NODE));
        var request = in(request(own(o -> o.setPid(NamespaceMode.NODE)), onNode), PodNamespaces.none());
        assertThat(namespaces(request)).containsExactly("mount", "cgroup");
    }

    @Test
    void networkAndIpcAreThePodsEvenIfAContainerAsksForTheNodes() {
        var result = built(request(own(o -> o.setNetwork(NamespaceMode.NODE).setIpc(NamespaceMode.NODE))));
        assertThat(result.spec().linux().namespaces().map(OciSpec.Namespace::type)).contains("network", "ipc");
        assertThat(result.clamps().map(Clamp::subject)).containsExactly("namespaces.network", "namespaces.ipc");
    }

    @Test
    void theProcessNamespaceFollowsTheContainersChoice() {
        var shared = PodNamespaces.of(Fixtures.NET, Fixtures.IPC, Fixtures.UTS).withPid(Path.of("/proc/7/ns/pid"));
        var sharing = pods(o -> o.setPid(NamespaceMode.POD));
        assertThat(pid(in(request(own(o -> o.setPid(NamespaceMode.POD)), sharing), shared))).contains("pid=/proc/7/ns/pid");
        assertThat(pid(in(request(own(o -> o.setPid(NamespaceMode.CONTAINER)), sharing), shared))).contains("pid");
        assertThat(pid(in(request(own(o -> o.setPid(NamespaceMode.NODE)), sharing), shared))).isEmpty();
        assertThat(pid(request(own(o -> o.setPid(NamespaceMode.POD)), pods(o -> o.setPid(NamespaceMode.CONTAINER)))))
                .as("as the pod has it").contains("pid");
        assertThat(pid(request(own(o -> o.setPid(NamespaceMode.POD)), pods(o -> o.setPid(NamespaceMode.NODE))))).isEmpty();
        var target = own(o -> o.setPid(NamespaceMode.TARGET).setTargetId("abc"));
        assertThat(pid(in(request(target), shared.withTargetPid(Path.of("/proc/9/ns/pid"))))).contains("pid=/proc/9/ns/pid");
        assertThat(refused(request(target)).message()).contains("abc");
        assertThat(refused(request(own(o -> o.setPid(NamespaceMode.POD)), sharing)).message()).contains("pid namespace of the pod");
    }

    @Test
    void aNamespaceThatThePodShouldHaveButDoesNotIsRefused() {
        assertThat(refused(in(request(container()), PodNamespaces.none())).message()).contains("network namespace of the pod");
    }

    @Test
    void aContainerWithUtsOfItsOwnSetsThePodsHostname() {
        var noUts = new PodNamespaces(
                Option.some(Fixtures.NET), Option.some(Fixtures.IPC), Option.none(), Option.none(), Option.none(), Option.none());
        var spec = built(in(request(container()), noUts)).spec();
        assertThat(spec.hostname()).contains("web-0");
        assertThat(spec.linux().namespaces()).contains(new OciSpec.Namespace("uts", Option.none()));
    }

    @Test
    void theCgroupNamespaceIsForCgroup2AndNotForThePrivileged() {
        var v1 = Fixtures.node().with(new HostFacts.Cgroups(CgroupLayout.V1, HashSet.of("memory"), true));
        assertThat(namespaces(request(container(), pod(), v1))).doesNotContain("cgroup");
        var config = container();
        config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        var privileged = pod();
        privileged.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        var spec = built(request(config, privileged)).spec();
        assertThat(spec.linux().namespaces().map(OciSpec.Namespace::type)).doesNotContain("cgroup");
        assertThat(spec.mounts().filter(m -> m.destination().startsWith("/sys"))).hasSize(2).allMatch(m -> m.options().contains("rw"));
    }

    private static UserNamespace.Builder users(NamespaceMode mode, IDMapping... mappings) {
        var users = UserNamespace.newBuilder().setMode(mode);
        for (IDMapping mapping : mappings) {
            users.addUids(mapping).addGids(mapping);
        }
        return users;
    }

    private static IDMapping ids(int container, int host, int length) {
        return IDMapping.newBuilder().setContainerId(container).setHostId(host).setLength(length).build();
    }

    @Test
    void aPodWithUsersOfItsOwnMapsThem() {
        var users = users(NamespaceMode.POD, ids(0, 1_000_000, 65_536));
        var request = in(request(container(), pods(o -> o.setUsernsOptions(users))),
                PodNamespaces.of(Fixtures.NET, Fixtures.IPC, Fixtures.UTS).withUser(Path.of("/run/p/user")));
        var linux = built(request).spec().linux();
        assertThat(linux.namespaces()).contains(new OciSpec.Namespace("user", Option.some("/run/p/user")));
        assertThat(linux.uidMappings()).containsExactly(new OciSpec.IdMapping(0, 1_000_000, 65_536)).isEqualTo(linux.gidMappings());
        assertThat(UserMappings.of(request.sandbox()).get().get().uids()).isEqualTo(linux.uidMappings().head());
        assertThat(UserMappings.of(pod().build()).get()).isEmpty();
        var onNode = pods(o -> o.setUsernsOptions(users(NamespaceMode.NODE)));
        assertThat(namespaces(request(container(), onNode))).doesNotContain("user");
    }

    @Test
    void mappingsThatTheCriDoesNotAllowAreRefused() {
        var good = ids(0, 1000, 65_536);
        for (var users : List.of(
                users(NamespaceMode.POD),
                users(NamespaceMode.POD, good, ids(70_000, 70_000, 10)),
                users(NamespaceMode.POD, ids(1, 1000, 65_536)),
                users(NamespaceMode.POD, ids(0, 1000, 0)),
                users(NamespaceMode.POD, ids(0, -10, 11)),
                users(NamespaceMode.CONTAINER, good),
                users(NamespaceMode.TARGET, good))) {
            var pod = pods(o -> o.setUsernsOptions(users));
            assertThat(refused(request(container(), pod))).as(users.toString()).isInstanceOf(SpecProblem.InvalidRequest.class);
            assertThat(UserMappings.of(pod.build()).isLeft()).isTrue();
        }
        var differs = own(o -> o.setUsernsOptions(users(NamespaceMode.POD, good)));
        assertThat(refused(request(differs)).message()).contains("differ");
    }

    @Test
    void onTheNodesNetworkAPodWithItsOwnUsersBindsSysfs() {
        var options = users(NamespaceMode.POD, ids(0, 1000, 65_536));
        var pod = pods(o -> o.setNetwork(NamespaceMode.NODE).setUsernsOptions(options));
        var sys = built(request(container(), pod)).spec().mounts().find(m -> m.destination().equals("/sys")).get();
        assertThat(sys.type()).isEqualTo("bind");
        assertThat(sys.options()).contains("rro");
    }
}
