package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.Await;
import io.cairn.driver.host.DriverFixture;
import io.cairn.linux.Mounts;
import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.UserNamespace;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Pods with users of their own, and what is mounted for a container before it is made. */
class RuncUsersTest extends DriverFixture {
    private static final IDMapping IDS = IDMapping.newBuilder().setHostId(300_000).setLength(65_536).build();
    private static final UserNamespace USERS =
            UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(IDS).addGids(IDS).build();

    @Override
    protected Driver open(Path directory) throws Exception {
        return new RuncDriverProvider().open(RuncDriverTest.context(directory));
    }

    private SandboxSpec podWithUsers(NamespaceMode pid) throws DriverException {
        return pod(n -> n.setPid(pid).setUsernsOptions(USERS));
    }

    private static void assertKind(Failure.Kind kind, ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(words);
        });
    }

    @Test
    void rootInThePodIsNobodyOnTheHost() throws Exception {
        SandboxSpec pod = podWithUsers(NamespaceMode.CONTAINER);
        String id = run(pod, shell("touch /mine; echo x > /etc/hostname; exec sleep 1000"));
        assertThat(output(id, "cat", "/proc/self/uid_map").split("\\s+")).containsExactly("0", "300000", "65536");
        assertThat(output(id, "ls", "-ln", "/bin/busybox")).contains(" 0 ");
        long pid = Long.parseLong(driver.inspect(id).get().replaceFirst(".*\"pid\":([0-9]+).*", "$1"));
        assertThat(Files.getAttribute(Path.of("/proc", Long.toString(pid)), "unix:uid")).isEqualTo(300_000);
        Path mine = dir.resolve("state/images/snapshots").resolve(id).resolve("fs/mine");
        assertThat(Files.getAttribute(mine, "unix:uid")).isEqualTo(300_000);
        assertThat(output(id, "sh", "-c", "echo x > /dev/shm/x && ls -ln /dev/shm/x")).contains(" 0 ");
        assertThat(exec(id, "sh", "-c", "echo x > /etc/resolv.conf").exitCode()).as("a file of the node's").isNotZero();
        Path root = dir.resolve("run/containers").resolve(id);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root))).isEqualTo("rwx--x---");
        assertThat(Files.getAttribute(root, "unix:gid")).isEqualTo(300_000);
    }

    @Test
    void thePodsNetworkBelongsToItsUsers() throws Exception {
        SandboxSpec pod = podWithUsers(NamespaceMode.CONTAINER);
        String id = run(pod, config -> {
            shell("exec sleep 1000").apply(config);
            config.getLinuxBuilder().getSecurityContextBuilder().getCapabilitiesBuilder().addAddCapabilities("NET_ADMIN");
            return config;
        });
        assertThat(output(id, "/bin/busybox", "ip", "address", "add", "192.0.2.7/32", "dev", "lo")).isEmpty();
        assertThat(output(id, "/bin/busybox", "ip", "address")).contains("192.0.2.7");
        assertThat(output(id, "ls", "/sys/class/net")).isEqualTo("lo");
        assertThat(output(id, "hostname")).isEqualTo("pod-host");
    }

    @Test
    void containersOfSuchAPodShareTheirProcesses() throws Exception {
        SandboxSpec pod = podWithUsers(NamespaceMode.POD);
        String one = run(pod, config -> {
            shell("exec sleep 1001").apply(config);
            config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.POD);
            return config;
        });
        assertThat(output(one, "ps", "-o", "pid,args")).contains("1 /init", "sleep 1001");
        // Newer runc opens what it mounts on, as the pod's user.
        for (String mountedOn : new String[] {"proc", "dev"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("state/pod-init").resolve(mountedOn))))
                    .isEqualTo("r-xr-xr-x");
        }
        assertThat(driver.probeSandbox(pod.id())).isInstanceOf(SandboxProbe.Whole.class);
        Mounts.unmount(dir.resolve("run/ns").resolve(pod.id()).resolve("user"));
        assertThat(driver.probeSandbox(pod.id())).isEqualTo(new SandboxProbe.Partial("its user namespace is gone"));
    }

    @Test
    void suchAPodCanBeOnTheNodesNetworkPrivilegedAndOnATerminal() throws Exception {
        SandboxSpec pod = podSpec(n -> n.setNetwork(NamespaceMode.NODE).setUsernsOptions(USERS), config -> {
            config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
            return config;
        });
        driver.prepareSandbox(pod);
        String id = run(pod, config -> {
            shell("exec sleep 1000").apply(config).setTty(true);
            config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
            return config;
        });
        assertThat(output(id, "readlink", "/proc/self/ns/net")).isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
        assertThat(output(id, "ls", "/sys/class/net")).contains("lo");
        assertThat(output(id, "cat", "/proc/self/uid_map")).contains("300000");
        assertThat(exec(id, "/bin/busybox", "ip", "address", "add", "192.0.2.7/32", "dev", "lo").exitCode()).as("the node's link").isNotZero();
    }

    @Test
    void usersOfSuchAPodAreThoseOfTheImageWithinItsRange() throws Exception {
        SandboxSpec pod = podWithUsers(NamespaceMode.CONTAINER);
        String id = run(pod, config -> {
            shell("exec sleep 1000").apply(config);
            config.getLinuxBuilder().getSecurityContextBuilder().setRunAsUsername("user").addSupplementalGroups(7);
            return config;
        });
        assertThat(output(id, "id")).contains("uid=1000(user)", "gid=1001(user)", "2000(more)", "7");
        ContainerSpec stranger = containerSpec(pod, config -> {
            config.addCommand("true").getLinuxBuilder().getSecurityContextBuilder().addSupplementalGroups(65_536);
            return config;
        });
        assertKind(Failure.Kind.INVALID, () -> driver.createContainer(stranger), "65536");
    }

    @Test
    void volumesBelongToThePodsUsersAndFilesOnThemToTheHosts() throws Exception {
        Path source = shared();
        Files.setAttribute(Files.writeString(source.resolve("file"), "text"), "unix:uid", 1000);
        Path inner = Files.createDirectory(source.resolve("inner"));
        Mounts.mount("inner", inner, "tmpfs", 0, "size=64k");
        try {
            String id = run(podWithUsers(NamespaceMode.CONTAINER), config -> shell("echo x > /v/new; exec sleep 1000").apply(config)
                    .addMounts(Mount.newBuilder().setHostPath(source.toString()).setContainerPath("/v").addUidMappings(IDS).addGidMappings(IDS))
                    .addMounts(Mount.newBuilder().setHostPath(source.resolve("file").toString()).setContainerPath("/etc/single")
                            .addUidMappings(IDS).addGidMappings(IDS).setReadonly(true)));
            assertThat(output(id, "ls", "-ln", "/v/file")).contains(" 1000 ");
            Await.until("the new file", () -> Files.exists(source.resolve("new")));
            assertThat(Files.getAttribute(source.resolve("new"), "unix:uid")).isEqualTo(0);
            assertThat(output(id, "cat", "/etc/single")).isEqualTo("text");
            driver.removeContainer(id);
            assertThat(source.resolve("file")).hasContent("text");
        } finally {
            Mounts.unmount(inner);
        }
    }

    @Test
    void ownersThatCannotBeMappedAreRefusedAndNotIgnored() throws Exception {
        SandboxSpec pod = podWithUsers(NamespaceMode.CONTAINER);
        Mount.Builder proc = Mount.newBuilder().setHostPath("/proc").setContainerPath("/v").addUidMappings(IDS).addGidMappings(IDS);
        ContainerSpec incapable = containerSpec(pod, config -> config.addCommand("true").addMounts(proc));
        assertKind(Failure.Kind.UNSUPPORTED, () -> driver.createContainer(incapable), "/proc");
        IDMapping others = IDS.toBuilder().setHostId(400_000).build();
        for (Mount.Builder wrong : java.util.List.of(
                Mount.newBuilder().addUidMappings(others).addGidMappings(others),
                Mount.newBuilder().addUidMappings(IDS),
                Mount.newBuilder().addUidMappings(IDS).addUidMappings(others).addGidMappings(IDS),
                Mount.newBuilder().addUidMappings(IDS.toBuilder().setLength(-1)).addGidMappings(IDS))) {
            String source = shared().toString();
            ContainerSpec spec = containerSpec(pod, config ->
                    config.addCommand("true").addMounts(wrong.setHostPath(source).setContainerPath("/v")));
            assertKind(Failure.Kind.INVALID, () -> driver.createContainer(spec), "apping");
        }
        ContainerSpec alone = containerSpec(pod(), config -> config.addCommand("true").addMounts(Mount.newBuilder()
                .setHostPath(dir.toString()).setContainerPath("/v").addUidMappings(IDS).addGidMappings(IDS)));
        assertKind(Failure.Kind.INVALID, () -> driver.createContainer(alone), "the pod has none");
    }

    @Test
    void usersThatCannotBeHadAreRefusedBeforeAnythingIsMade() throws Exception {
        for (UserNamespace wrong : java.util.List.of(
                USERS.toBuilder().addUids(IDS).build(),
                USERS.toBuilder().setUids(0, IDS.toBuilder().setContainerId(1)).build(),
                USERS.toBuilder().setGids(0, IDS.toBuilder().setLength(0)).build(),
                USERS.toBuilder().setUids(0, IDS.toBuilder().setHostId(-1)).build(),
                USERS.toBuilder().setMode(NamespaceMode.CONTAINER).build(),
                USERS.toBuilder().setMode(NamespaceMode.TARGET).build())) {
            SandboxSpec spec = podSpec(n -> n.setUsernsOptions(wrong));
            assertKind(Failure.Kind.INVALID, () -> driver.prepareSandbox(spec), "Expected");
            assertThat(driver.probeSandbox(spec.id())).isEqualTo(new SandboxProbe.Absent());
        }
        SandboxSpec node = podSpec(n -> n.setPid(NamespaceMode.NODE).setUsernsOptions(USERS));
        assertKind(Failure.Kind.INVALID, () -> driver.prepareSandbox(node), "/proc");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
        try {
            SandboxSpec closed = podSpec(n -> n.setUsernsOptions(USERS));
            assertKind(Failure.Kind.FAILED, () -> driver.prepareSandbox(closed), dir.toString(), "chmod o+x");
            assertThat(driver.probeSandbox(closed.id())).isEqualTo(new SandboxProbe.Absent());
        } finally {
            Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx--x--x"));
        }
    }

    private Mount.Builder image(String subPath) {
        return Mount.newBuilder().setContainerPath("/v").setReadonly(true).setImageSubPath(subPath)
                .setImage(ImageSpec.newBuilder().setImage("busybox").setImageRef(imageId));
    }

    @Test
    void anImageIsAVolumeThatNobodyWritesTo() throws Exception {
        String id = run(pod(), config -> shell("exec sleep 1000").apply(config).addMounts(image("")));
        assertThat(output(id, "ls", "/v")).contains("bin", "etc");
        assertThat(output(id, "/v/bin/sh", "-c", "echo runs")).isEqualTo("runs");
        assertThat(exec(id, "touch", "/v/new").stderr().toStringUtf8()).contains("Read-only file system");
        driver.images().remove(imageId, io.vavr.collection.HashSet.of(imageId));
        assertThat(output(id, "ls", "/v/bin/busybox")).isEqualTo("/v/bin/busybox");
        restart();
        assertThat(driver.inventory().containers()).containsExactly(id);
    }

    @Test
    void aPartOfAnImageIsAVolumeForAPodWithUsersOfItsOwn() throws Exception {
        String id = run(podWithUsers(NamespaceMode.CONTAINER), config -> shell("exec sleep 1000").apply(config)
                .addMounts(image("etc/passwd").setContainerPath("/single").addUidMappings(IDS).addGidMappings(IDS))
                .addMounts(image("bin")));
        assertThat(output(id, "cat", "/single")).startsWith("root:x:0:0");
        assertThat(output(id, "ls", "-ln", "/v/busybox")).contains(" 0 ");
        assertThat(output(id, "ls", "/v")).doesNotContain("etc");
    }

    @Test
    void aPartThatIsNotInTheImageIsRefusedAndLeavesNothing() throws Exception {
        SandboxSpec pod = pod();
        for (String path : new String[] {"no-such", "../../etc/hostname", "/proc/1/root", "bin/busybox/x", "e\0tc"}) {
            ContainerSpec spec = containerSpec(pod, config -> config.addCommand("true").addMounts(image(path)));
            assertKind(Failure.Kind.INVALID, () -> driver.createContainer(spec), "ImageVolumeMountFailed");
        }
        ContainerSpec writable = containerSpec(pod, config -> config.addCommand("true").addMounts(image("").setReadonly(false)));
        assertKind(Failure.Kind.INVALID, () -> driver.createContainer(writable), "readonly");
        Mount.Builder absent = image("");
        absent.getImageBuilder().setImageRef("sha256:" + "0".repeat(64));
        ContainerSpec unknown = containerSpec(pod, config -> config.addCommand("true").addMounts(absent));
        assertKind(Failure.Kind.NOT_FOUND, () -> driver.createContainer(unknown), "ImageVolumeMountFailed");
    }

    @Test
    void whatACrashLeftMountedIsTakenAwayAndNotDeleted() throws Exception {
        Path source = shared();
        Files.writeString(source.resolve("file"), "text");
        String id = container(podWithUsers(NamespaceMode.CONTAINER), config -> config.addCommand("true")
                .addMounts(Mount.newBuilder().setHostPath(source.toString()).setContainerPath("/v").addUidMappings(IDS).addGidMappings(IDS)));
        Mounts.bind(source, dir.resolve("run/volumes").resolve(id).resolve("0-mapped"));
        Files.delete(dir.resolve("state/containers").resolve(id).resolve("container.json"));
        restart();
        assertThat(driver.inventory().containers()).containsExactly(id);
        driver.removeContainer(id);
        assertThat(source.resolve("file")).hasContent("text");
    }
}
