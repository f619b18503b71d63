package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.Device;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicePlanTest {
    private static final HostDevices.Node FUSE = new HostDevices.Node(Path.of("/dev/fuse"), "c", 10, 229, 0666, 0, 0);
    private static final HostDevices.Node DISK = new HostDevices.Node(Path.of("/dev/vda"), "b", 254, 0, 0660, 0, 6);
    private static final HostDevices.Node CARD = new HostDevices.Node(Path.of("/dev/dri/card0"), "c", 226, 0, 0660, 0, 44);

    private static final HostDevices HOST = new HostDevices() {
        @Override
        public Either<String, List<Node>> at(Path hostPath) {
            List<Node> found = List.of(FUSE, DISK, CARD).filter(n -> n.path().startsWith(hostPath));
            return found.isEmpty() ? Either.left(hostPath + " does not exist") : Either.right(found);
        }

        @Override
        public Either<String, List<Node>> all() {
            return Either.right(List.of(CARD, FUSE, DISK));
        }
    };

    private static SpecRequest asking(Device.Builder... devices) {
        var config = container();
        for (Device.Builder device : devices) {
            config.addDevices(device);
        }
        return request(config).withHostDevices(HOST);
    }

    private static Device.Builder device(String host, String container, String permissions) {
        return Device.newBuilder().setHostPath(host).setContainerPath(container).setPermissions(permissions);
    }

    private static OciSpec.DeviceRule rule(String type, long major, long minor, String access) {
        return new OciSpec.DeviceRule(true, Option.some(type), Option.some(major), Option.some(minor), access);
    }

    @Test
    void withoutDevicesEverythingIsDeniedButTheUsualOnes() {
        var linux = built(asking()).spec().linux();
        assertThat(linux.devices()).isEmpty();
        var rules = linux.resources().devices();
        assertThat(rules.head()).isEqualTo(new OciSpec.DeviceRule(false, Option.none(), Option.none(), Option.none(), "rwm"));
        assertThat(rules.tail()).contains(rule("c", 1, 3, "rwm"), rule("c", 1, 9, "rwm"), rule("c", 5, 2, "rwm"))
                .doesNotContain(rule("c", 10, 200, "rwm")).allMatch(OciSpec.DeviceRule::allow);
    }

    @Test
    void aDeviceIsMadeAndAllowedAsAsked() {
        var linux = built(asking(device("/dev/fuse", "/dev/f", "rw"))).spec().linux();
        assertThat(linux.devices()).containsExactly(new OciSpec.Device("/dev/f", "c", 10, 229, 0666, 0, 0));
        assertThat(linux.resources().devices().last()).isEqualTo(rule("c", 10, 229, "rw"));
        var byDefault = built(asking(device("/dev/vda", "", ""))).spec().linux();
        assertThat(byDefault.devices()).containsExactly(new OciSpec.Device("/dev/vda", "b", 254, 0, 0660, 0, 6));
        assertThat(byDefault.resources().devices().last()).isEqualTo(rule("b", 254, 0, "rwm"));
    }

    @Test
    void aDirectoryGivesEveryDeviceBelowIt() {
        var linux = built(asking(device("/dev/dri", "/dev/gpu", "rwm"))).spec().linux();
        assertThat(linux.devices().map(OciSpec.Device::path)).containsExactly("/dev/gpu/card0");
    }

    @Test
    void whatIsNoDeviceOrNoPermissionIsRefused() {
        assertThat(refused(asking(device("/dev/ghost", "/dev/g", "r")))).isInstanceOf(SpecProblem.HostLacks.class)
                .extracting(SpecProblem::message).asString().contains("/dev/ghost");
        assertThat(refused(asking(device("/dev/fuse", "/dev/f", "rx"))).message()).contains("rx");
        assertThat(refused(asking(device("dev/fuse", "/dev/f", ""))).message()).contains("host_path");
        assertThat(refused(asking(device("/dev/fuse", "dev/f", ""))).message()).contains("container_path");
        assertThat(refused(asking(device("/dev/fuse", "/dev/../etc/f", ""))).message()).contains("climb");
    }

    @Test
    void aPrivilegedContainerHasAllDevicesOfTheHost() {
        var config = container().addDevices(device("/dev/fuse", "/dev/mine", "r"));
        config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        var privileged = pod();
        privileged.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        var linux = built(request(config, privileged).withHostDevices(HOST)).spec().linux();
        assertThat(linux.devices().map(OciSpec.Device::path)).containsExactly("/dev/dri/card0", "/dev/fuse", "/dev/vda", "/dev/mine");
        assertThat(linux.resources().devices())
                .containsExactly(new OciSpec.DeviceRule(true, Option.none(), Option.none(), Option.none(), "rwm"));
    }

    @Test
    void theHostsDevicesAreReadWithTheirNumbers(@TempDir Path dir) throws Exception {
        var host = HostDevices.ofHost();
        assertThat(host.at(Path.of("/dev/null")).get()).containsExactly(new HostDevices.Node(Path.of("/dev/null"), "c", 1, 3, 0666, 0, 0));
        assertThat(host.all().get().map(n -> n.path().toString())).contains("/dev/null", "/dev/zero")
                .noneMatch(p -> p.startsWith("/dev/pts/") || p.equals("/dev/console"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("/dev/zero"));
        assertThat(host.at(link).get()).as("links are followed").containsExactly(new HostDevices.Node(link, "c", 1, 5, 0666, 0, 0));
        assertThat(host.at(dir).getLeft()).contains("no device");
        assertThat(host.at(dir.resolve("absent")).getLeft()).contains("absent");
        assertThat(host.at(Path.of("/proc/version")).getLeft()).contains("neither");
    }

    @Test
    void deviceNumbersBeyondEightBitsAreTakenApartAsGlibcDoes() {
        assertThat(DevTree.major(0x103L)).isEqualTo(1);
        assertThat(DevTree.minor(0x103L)).isEqualTo(3);
        long rdev = (0x54321000L << 32) | (0x98765400L << 12) | (0xabcL << 8) | 0x21L;
        assertThat(DevTree.major(rdev)).isEqualTo(0x54321abcL);
        assertThat(DevTree.minor(rdev)).isEqualTo(0x98765421L);
    }
}
