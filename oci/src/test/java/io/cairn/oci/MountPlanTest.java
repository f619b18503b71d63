package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.MountPropagation;
import io.cairn.proto.cri.NamespaceMode;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountPlanTest {
    private static final PodFiles FILES = new PodFiles(
            Option.some(Path.of("/run/p1/resolv.conf")),
            Option.some(Path.of("/run/p1/hostname")),
            Option.none(),
            Option.some(Path.of("/run/p1/shm")));

    private static Mount.Builder mount(String container, String host) {
        return Mount.newBuilder().setContainerPath(container).setHostPath(host);
    }

    private static SpecRequest mounting(Mount.Builder... mounts) {
        var config = container();
        for (Mount.Builder mount : mounts) {
            config.addMounts(mount);
        }
        return request(config).withPodFiles(FILES);
    }

    private static List<String> destinations(SpecRequest request) {
        return built(request).spec().mounts().map(OciSpec.Mount::destination);
    }

    private static OciSpec.Mount at(SpecRequest request, String destination) {
        return built(request).spec().mounts().filter(m -> m.destination().equals(destination)).single();
    }

    @Test
    void withoutMountsThereAreTheKernelsFileSystemsAndThePodsFiles() {
        assertThat(destinations(mounting())).containsExactly(
                "/proc", "/dev", "/dev/pts", "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/dev/shm", "/etc/resolv.conf", "/etc/hostname");
        assertThat(at(mounting(), "/sys").options()).contains("ro", "nosuid", "noexec", "nodev");
        assertThat(at(mounting(), "/dev/shm")).isEqualTo(OciSpec.Mount.of("/dev/shm", "bind", "/run/p1/shm", "rbind", "rprivate", "rw"));
        assertThat(at(request(container()), "/dev/shm").type()).as("a pod without its own").isEqualTo("tmpfs");
    }

    @Test
    void theKubeletsMountsReplaceDefaultsAtTheirPlaceAndBelowIt() {
        assertThat(destinations(mounting(mount("/etc/resolv.conf", "/x")))).containsOnlyOnce("/etc/resolv.conf");
        assertThat(at(mounting(mount("/etc/resolv.conf/", "/x")), "/etc/resolv.conf").source()).isEqualTo("/x");
        assertThat(destinations(mounting(mount("/dev", "/dev"))))
                .containsExactly("/proc", "/sys", "/sys/fs/cgroup", "/dev", "/dev/shm", "/etc/resolv.conf", "/etc/hostname");
        assertThat(destinations(mounting(mount("/sys", "/sys")))).doesNotContain("/sys/fs/cgroup").contains("/sys");
        assertThat(destinations(mounting(mount("/dev/shm", "/mnt/shm")))).containsOnlyOnce("/dev/shm");
    }

    @Test
    void shallowMountsComeBeforeDeepOnes() {
        var request = mounting(mount("/a/b/c", "/1"), mount("/a", "/2"), mount("/etc", "/3"), mount("//a/./b/", "/4"));
        assertThat(destinations(request).drop(6))
                .containsExactly("/a", "/etc", "/a/b", "/dev/shm", "/etc/resolv.conf", "/etc/hostname", "/a/b/c");
    }

    @Test
    void aPathThatIsRelativeClimbsOrIsTheRootIsRefused() {
        for (String path : List.of("", "data", "../data", "/data/../../etc", "/..", "/", "/.", "//", "/a\0b", "/" + "x".repeat(4096))) {
            assertThat(refused(mounting(mount(path, "/h")))).as(path).isInstanceOf(SpecProblem.InvalidRequest.class)
                    .extracting(SpecProblem::message).asString().contains("container_path");
        }
        assertThat(destinations(mounting(mount("/..data", "/h")))).as("no climbing").contains("/..data");
        assertThat(refused(mounting(mount("/data", ""))).message()).contains("host_path").contains("/data");
    }

    @Test
    void aReadOnlyRootMakesThePodsFilesReadOnlyButNotShm() {
        var request = mounting().withRootfsReadonly();
        assertThat(at(request, "/etc/resolv.conf").options()).contains("ro");
        assertThat(at(request, "/etc/hostname").options()).contains("ro");
        assertThat(at(request, "/dev/shm").options()).contains("rw");
        assertThat(built(request).spec().root().readonly()).isTrue();
    }

    @Test
    void propagationNeedsAHostMountThatPropagates() {
        var both = mount("/data", "/srv/data").setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL);
        var down = mount("/data", "/srv/data").setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
        MountTable shared = path -> Option.some(new MountTable.Row(Path.of("/srv"), true, false));
        MountTable slave = path -> Option.some(new MountTable.Row(Path.of("/srv"), false, true));
        MountTable neither = path -> Option.some(new MountTable.Row(Path.of("/srv"), false, false));

        assertThat(at(mounting(both).withHostMounts(shared), "/data").options()).containsExactly("rbind", "rshared", "rw");
        assertThat(at(mounting(down).withHostMounts(slave), "/data").options()).containsExactly("rbind", "rslave", "rw");
        assertThat(at(mounting(down).withHostMounts(shared), "/data").options()).containsExactly("rbind", "rslave", "rw");
        assertThat(refused(mounting(both).withHostMounts(slave)).message())
                .contains("/srv/data").contains("BIDIRECTIONAL").contains("/srv,");
        assertThat(refused(mounting(down).withHostMounts(neither)).message()).contains("shared or slave").contains("make-rshared");
        assertThat(refused(mounting(down).withHostMounts(path -> Option.none())).message()).contains("does not exist");
    }

    @Test
    void theRootPropagatesAsMuchAsItsMostPropagatingMount() {
        MountTable shared = path -> Option.some(new MountTable.Row(Path.of("/"), true, false));
        var both = mount("/b", "/b").setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL);
        var down = mount("/d", "/d").setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
        assertThat(built(mounting(mount("/p", "/p"))).spec().linux().rootfsPropagation()).isEmpty();
        assertThat(built(mounting(down).withHostMounts(shared)).spec().linux().rootfsPropagation()).contains("rslave");
        assertThat(built(mounting(both, down).withHostMounts(shared)).spec().linux().rootfsPropagation()).contains("rshared");
        assertThat(built(mounting(down, both).withHostMounts(shared)).spec().linux().rootfsPropagation()).contains("rshared");
    }

    @Test
    void recursivelyReadOnlyNeedsReadonlyPrivateAndANodeThatHasIt() {
        var rro = mount("/data", "/srv").setReadonly(true).setRecursiveReadOnly(true);
        assertThat(at(mounting(rro), "/data").options()).containsExactly("rbind", "rprivate", "rro");
        assertThat(at(mounting(mount("/data", "/srv").setReadonly(true)), "/data").options()).containsExactly("rbind", "rprivate", "ro");
        assertThat(refused(mounting(mount("/data", "/srv").setRecursiveReadOnly(true))).message()).contains("readonly is false");
        var old = request(container().addMounts(rro), pod(), Fixtures.node().withoutRecursiveReadOnly());
        assertThat(refused(old)).isInstanceOf(SpecProblem.HostLacks.class);
    }

    @Test
    void idMappingsOfAMountAreHandedOn() {
        var mapped = mount("/data", "/srv").addUidMappings(IDMapping.newBuilder().setHostId(65536).setLength(65536));
        assertThat(at(mounting(mapped), "/data").uidMappings()).containsExactly(new OciSpec.IdMapping(0, 65536, 65536));
        var wrapping = mount("/data", "/srv").addUidMappings(IDMapping.newBuilder().setHostId(-1).setLength(2));
        assertThat(refused(mounting(wrapping)).message()).contains("2^32");
    }

    @Test
    void aPodOnTheNodesIpcSeesTheNodesSharedMemory() {
        var onNode = pod();
        onNode.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setIpc(NamespaceMode.NODE);
        assertThat(at(request(container(), onNode), "/dev/shm").source()).isEqualTo("/dev/shm");
    }

    @Test
    void theHostsTableTellsSharedSlaveAndPrivateMounts(@TempDir Path dir) throws Exception {
        Path data = Files.createDirectories(dir.resolve("data/sub dir/x"));
        Path real = dir.toRealPath();
        Path table = Files.writeString(dir.resolve("mountinfo"), """
                1 0 8:1 / / rw - ext4 /dev/root rw
                2 1 0:5 / %1$s/data rw,relatime shared:7 master:3 - tmpfs tmpfs rw
                3 2 0:6 / %1$s/data/sub\\040dir rw master:9 - tmpfs tmpfs rw
                not a row
                """.formatted(real));
        MountTable mounts = new HostMountTable(table);
        assertThat(mounts.holding(data)).contains(new MountTable.Row(real.resolve("data/sub dir"), false, true));
        assertThat(mounts.holding(dir.resolve("data"))).contains(new MountTable.Row(real.resolve("data"), true, true));
        assertThat(mounts.holding(table)).contains(new MountTable.Row(Path.of("/"), false, false));
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("data"));
        assertThat(mounts.holding(link).map(MountTable.Row::mountPoint)).as("links are followed").contains(real.resolve("data"));
        assertThat(mounts.holding(dir.resolve("absent"))).isEmpty();
        assertThat(MountTable.ofHost().holding(Path.of("/proc/self")).map(MountTable.Row::mountPoint)).contains(Path.of("/proc"));
    }
}
