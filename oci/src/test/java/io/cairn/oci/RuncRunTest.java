package io.cairn.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Device;
import io.cairn.proto.cri.HugepageLimit;
import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.Int64Value;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.MountPropagation;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.SecurityProfile;
import io.cairn.proto.cri.SecurityProfile.ProfileType;
import io.cairn.proto.cri.UserNamespace;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Built specs in a real runc: what the JSON promises is what a process in the container finds. */
class RuncRunTest {
    @TempDir
    static Path dir;

    private static RuncHost runc;
    private static HostFacts host;
    private static Map<String, Path> pod;
    private static int containers;

    @BeforeAll
    static void open() throws Exception {
        host = HostFacts.probe();
        runc = new RuncHost(dir);
        pod = runc.namespaces("--net", "--ipc", "--uts");
    }

    @AfterAll
    static void close() throws Exception {
        runc.close();
    }

    private static PodSandboxConfig.Builder sandbox() {
        var sandbox = Fixtures.pod();
        sandbox.getLinuxBuilder().setCgroupParent(runc.cgroupParent());
        return sandbox;
    }

    private static PodNamespaces joined(Map<String, Path> paths) {
        return PodNamespaces.of(paths.get("net").get(), paths.get("ipc").get(), paths.get("uts").get());
    }

    private static ContainerConfig.Builder shell(String script) {
        return Fixtures.container().addCommand("/bin/sh").addArgs("-c").addArgs(script);
    }

    private static LinuxContainerSecurityContext.Builder context(ContainerConfig.Builder config) {
        return config.getLinuxBuilder().getSecurityContextBuilder();
    }

    private static SpecRequest request(ContainerConfig.Builder config, PodSandboxConfig.Builder sandbox, PodNamespaces namespaces)
            throws Exception {
        return SpecRequest.of("c" + containers++, "p1", config.build(), sandbox.build(), Fixtures.image(), runc.rootfs(), namespaces,
                        CgroupDriver.CGROUPFS, host)
                .withUsers(Fixtures.users());
    }

    private static RuncHost.Result run(SpecRequest request) throws Exception {
        return runc.run(request.containerId(), Fixtures.built(request).spec());
    }

    private static RuncHost.Result run(ContainerConfig.Builder config) throws Exception {
        return run(request(config, sandbox(), joined(pod)));
    }

    /** What a script prints in a container with a security context. */
    private static String says(String script, Consumer<LinuxContainerSecurityContext.Builder> change) throws Exception {
        var config = shell(script);
        change.accept(context(config));
        RuncHost.Result result = run(config);
        assertThat(result.err()).as("%s", result).doesNotContain("runc");
        return result.out().strip();
    }

    private static Int64Value id(long id) {
        return Int64Value.newBuilder().setValue(id).build();
    }

    private static SecurityProfile profile(ProfileType type) {
        return SecurityProfile.newBuilder().setProfileType(type).build();
    }

    @Test
    void anOrdinaryContainerRunsInThePodsNamespaces() throws Exception {
        var result = run(shell("readlink /proc/self/ns/net; echo $$ $0 $HOSTNAME; pwd; exit 7").setWorkingDir("/data"));
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines())
                .containsExactly(Files.readSymbolicLink(pod.get("net").get()).toString(), "1 /bin/sh web-0", "/data");
        assertThat(result.exitCode()).isEqualTo(7);
    }

    @Test
    void aPodOnTheNodesNamespacesIsInThem() throws Exception {
        var options = NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).setIpc(NamespaceMode.NODE).setPid(NamespaceMode.NODE);
        var onNode = sandbox();
        onNode.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(options);
        var config = shell("for n in net ipc uts pid; do readlink /proc/self/ns/$n; done");
        context(config).setNamespaceOptions(options);
        var expected = List.of("net", "ipc", "uts", "pid").map(n -> readLink(Path.of("/proc/self/ns").resolve(n)));
        assertThat(run(request(config, onNode, PodNamespaces.none())).out().lines()).containsExactlyElementsOf(expected);
    }

    private static String readLink(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void theProcessIsTheUserInItsGroups() throws Exception {
        assertThat(says("id", c -> c.setRunAsUser(id(1000)).setRunAsGroup(id(3000)).addSupplementalGroups(4000)))
                .isEqualTo("uid=1000(app) gid=3000 groups=10(wheel),2000(media),3000,4000");
    }

    @Test
    void aReadOnlyRootAndAReadOnlyVolumeRefuseWrites() throws Exception {
        Path volume = Files.createDirectories(dir.resolve("volume"));
        var config = shell("touch /x; touch /ro/x; touch /rw/x && echo written")
                .addMounts(Mount.newBuilder().setContainerPath("/ro").setHostPath(volume.toString()).setReadonly(true))
                .addMounts(Mount.newBuilder().setContainerPath("/rw").setHostPath(volume.toString()));
        context(config).setReadonlyRootfs(true);
        var result = run(config);
        assertThat(result.line()).isEqualTo("written");
        assertThat(result.err().lines()).hasSize(2).allMatch(line -> line.endsWith("Read-only file system"));
        assertThat(volume.resolve("x")).exists();
    }

    @Test
    void onlyARecursivelyReadOnlyVolumeCoversWhatIsMountedInIt() throws Exception {
        Path volume = Files.createDirectories(dir.resolve("nested"));
        runc.mount(volume.resolve("inner"));
        var mount = Mount.newBuilder().setContainerPath("/v").setHostPath(volume.toString()).setReadonly(true);
        assertThat(run(shell("touch /v/inner/x && echo written").addMounts(mount)).line()).isEqualTo("written");
        var result = run(shell("touch /v/inner/y").addMounts(mount.setRecursiveReadOnly(true)));
        assertThat(result.err()).contains("Read-only file system");
    }

    @Test
    void propagationIsAsAsked() throws Exception {
        Path volume = dir.resolve("shared");
        runc.mount(volume, "--make-shared");
        String script = "grep ' /v ' /proc/self/mountinfo";
        var mount = Mount.newBuilder().setContainerPath("/v").setHostPath(volume.toString());
        assertThat(run(shell(script).addMounts(mount)).line()).doesNotContain("shared:").doesNotContain("master:");
        assertThat(run(shell(script).addMounts(mount.setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER))).line())
                .contains("master:").doesNotContain("shared:");
        assertThat(run(shell(script).addMounts(mount.setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))).line())
                .contains("shared:");
    }

    @Test
    void maskedPathsAreEmptyAndReadOnlyOnesRefuseWrites() throws Exception {
        String script = "cat /proc/keys | wc -c; ls /proc/irq | wc -l; echo x > /proc/sys/kernel/domainname";
        var config = shell(script);
        context(config).addMaskedPaths("/proc/keys").addMaskedPaths("/proc/irq").addReadonlyPaths("/proc/sys");
        var result = run(config);
        assertThat(result.out().lines()).containsExactly("0", "0");
        assertThat(result.err()).contains("Read-only file system");
        assertThat(says("ls /proc/irq | wc -l", c -> {})).as("unmasked").isNotEqualTo("0");
    }

    @Test
    void capabilitiesAndNoNewPrivilegesAreInTheProcess() throws Exception {
        String status = "grep -E '^(CapInh|CapPrm|CapBnd|CapAmb|NoNewPrivs)' /proc/self/status | cut -f2";
        assertThat(says(status, c -> {}).lines())
                .containsExactly("0000000000000000", "00000000a80425fb", "00000000a80425fb", "0000000000000000", "0");
        assertThat(says(status, c -> c.setNoNewPrivs(true).getCapabilitiesBuilder().addDropCapabilities("ALL")).lines())
                .containsExactly("0000000000000000", "0000000000000000", "0000000000000000", "0000000000000000", "1");
        assertThat(says(status, c -> c.setRunAsUser(id(1000)).getCapabilitiesBuilder()
                                .addDropCapabilities("ALL").addAddAmbientCapabilities("NET_BIND_SERVICE"))
                        .lines())
                .containsExactly("0000000000000400", "0000000000000400", "0000000000000400", "0000000000000400", "0");
    }

    @Test
    void capabilitiesTheDaemonLacksDoNotStopTheContainer() throws Exception {
        String own = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapBnd")).map(line -> line.split("\\s+")[1]).findFirst().orElseThrow();
        assertThat(says("grep ^CapBnd /proc/self/status | cut -f2", c -> c.getCapabilitiesBuilder().addAddCapabilities("ALL")))
                .isEqualTo(own);
    }

    @Test
    void theDefaultSeccompProfileLetsOrdinaryProgramsRunAndStopsNewUserNamespaces() throws Exception {
        String script = "grep ^Seccomp: /proc/self/status | cut -f2; unshare -U true && echo shared";
        assertThat(says(script, c -> c.setSeccomp(profile(ProfileType.Unconfined))).lines()).containsExactly("0", "shared");
        assertThat(says(script, c -> c.setSeccomp(profile(ProfileType.RuntimeDefault))).lines()).containsExactly("2");
        String ordinary = """
                set -e
                mkdir -p /tmp/a && cd /tmp/a && echo hello > f && ln -s f l && cp f g && mv g h && chmod 600 h && chown 1000:1000 h
                tar cf - f l h | gzip | gunzip | tar tf - | sort | tr '\\n' ' '
                find . -type f | xargs md5sum | wc -l
                (sleep 0.01 &) ; date > /dev/null ; ps > /dev/null ; df > /dev/null ; id > /dev/null ; mkfifo p ; sync
                nc -l -p 4999 127.0.0.1 < f > /dev/null & sleep 0.05; kill $! ; wait || true
                rm -r /tmp/a; echo done
                """;
        assertThat(says(ordinary, c -> c.setSeccomp(profile(ProfileType.RuntimeDefault))).lines()).containsExactly("f h l 2", "done");
    }

    @Test
    void withSysAdminTheDefaultProfileAllowsMounting() throws Exception {
        String script = "mount -t tmpfs none /tmp && echo mounted";
        assertThat(says(script, c -> c.setSeccomp(profile(ProfileType.RuntimeDefault))
                        .getCapabilitiesBuilder().addAddCapabilities("SYS_ADMIN")))
                .isEqualTo("mounted");
        assertThat(says(script, c -> c.setSeccomp(profile(ProfileType.RuntimeDefault)))).isEmpty();
    }

    @Test
    void aLocalhostProfileDeniesWhatItNames() throws Exception {
        var config = shell("chmod 700 /tmp; echo $?; chown 0:0 /tmp && echo owned");
        context(config).setSeccomp(SecurityProfile.newBuilder().setProfileType(ProfileType.Localhost).setLocalhostRef("/deny.json"));
        String deny = """
                {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["chmod","fchmodat"],"action":"SCMP_ACT_ERRNO"}]}""";
        var result = run(request(config, sandbox(), joined(pod)).withSeccompProfile(deny.getBytes(StandardCharsets.UTF_8)));
        assertThat(result.err()).contains("Operation not permitted");
        assertThat(result.out().lines()).containsExactly("1", "owned");
    }

    @Test
    void limitsAreInTheCgroupAndCanBeUpdatedAndACommandHasTheContainersRights() throws Exception {
        var config = shell("exec sleep 600");
        config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(64 << 20).setCpuShares(512)
                .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(0));
        context(config).setRunAsUser(id(1000)).setNoNewPrivs(true);
        var request = request(config, sandbox(), joined(pod));
        OciSpec spec = Fixtures.built(request).spec();
        String name = request.containerId();
        runc.start(name, spec);
        assertThat(memoryLimit(name)).isEqualTo(Integer.toString(64 << 20));

        var update = ResourceUpdate.of(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(96 << 20).build(), host).get();
        assertThat(runc.update(name, update).err()).isEmpty();
        assertThat(memoryLimit(name)).isEqualTo(Integer.toString(96 << 20));

        OciSpec stored = OciSpec.parse(spec.toJson()).get();
        var command = List.of("sh", "-c", "id -u; id -G; grep ^NoNewPrivs /proc/self/status | cut -f2; echo $HOSTNAME");
        var result = runc.exec(name, ExecSpec.of(stored, command, false).get());
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines()).containsExactly("1000", "1000 10 2000", "1", "web-0");
    }

    private static String memoryLimit(String id) throws Exception {
        return runc.cgroupFile(host.cgroups().layout(), id, "memory", "memory.limit_in_bytes", "memory.max");
    }

    @Test
    void theOomScoreIsTheOneAskedOrTheLowestThatCanBeGiven() throws Exception {
        var config = shell("cat /proc/self/oom_score_adj");
        config.getLinuxBuilder().getResourcesBuilder().setOomScoreAdj(500);
        assertThat(run(config).line()).isEqualTo("500");
        config.getLinuxBuilder().getResourcesBuilder().setOomScoreAdj(-997);
        int expected = host.daemon().sysResource() ? -997 : Math.max(-997, host.daemon().oomScoreAdj());
        assertThat(run(config).line()).isEqualTo(Integer.toString(expected));
    }

    @Test
    void aResourceLimitOfTheDaemonsConfigurationIsSet() throws Exception {
        var limits = List.of(new OciSpec.Rlimit("RLIMIT_NOFILE", 321, 654));
        var request = request(shell("ulimit -Sn; ulimit -Hn"), sandbox(), joined(pod)).withRlimits(limits);
        assertThat(run(request).out().lines()).containsExactly("321", "654");
    }

    @Test
    void devicesAreThereAsAskedAndNoOthersCanBeOpened() throws Exception {
        var other = HostDevices.ofHost().all().get().find(n -> n.path().toString().equals("/dev/kmsg"));
        assertThat(other).as("a device outside the default list, to be given").isNotEmpty();
        String script = "ls -l /dev/log0 | cut -c1,2-10; : < /dev/log0 && echo read; true > /dev/log0; echo x > /dev/null && echo null";
        var config = shell(script).addDevices(
                Device.newBuilder().setHostPath("/dev/kmsg").setContainerPath("/dev/log0").setPermissions("r"));
        context(config).getCapabilitiesBuilder().addAddCapabilities("SYSLOG");
        var result = run(config);
        assertThat(result.out().lines()).hasSize(3).endsWith("read", "null");
        assertThat(result.err()).contains("/dev/log0: Operation not permitted");
        assertThat(run(shell("mknod /dev/k c 1 11 && : < /dev/k")).err()).contains("Operation not permitted");
    }

    @Test
    void aPrivilegedContainerSeesTheDevicesAndMayWriteSysfs() throws Exception {
        var privileged = sandbox();
        privileged.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        var config = shell("grep -E ' /sys ' /proc/self/mountinfo | cut -d' ' -f6; test -c /dev/kmsg && : < /dev/kmsg && echo kmsg");
        context(config).setPrivileged(true).addMaskedPaths("/proc").setSeccomp(profile(ProfileType.RuntimeDefault));
        var result = run(request(config, privileged, joined(pod)));
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines()).hasSize(2).first().asString().startsWith("rw");
        assertThat(result.out()).contains("kmsg");
    }

    @Test
    void aPodThatSharesItsProcessesSeesThemUnderItsInit() throws Exception {
        var sharing = sandbox();
        sharing.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setPid(NamespaceMode.POD);
        String init = "p" + containers++;
        var spec = new InitSpec(init, sharing.build(), List.of("/bin/sleep", "611"),
                runc.rootfs(), joined(pod), CgroupDriver.CGROUPFS, host);
        runc.start(init, spec.build().get().spec());
        var config = shell("ps -o pid,user,args | grep 'sleep 611' | grep -v grep; echo $$");
        context(config).setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.POD));
        var joinedPid = joined(pod).withPid(Path.of("/proc/%d/ns/pid".formatted(runc.pid(init))));
        var result = run(request(config, sharing, joinedPid));
        assertThat(result.out().lines().toList().getFirst().strip()).startsWith("1 65535").endsWith("/bin/sleep 611");
        assertThat(result.out().lines().toList().getLast()).isNotEqualTo("1");
    }

    @Test
    void aPodWithUsersOfItsOwnIsRootOnlyInside() throws Exception {
        // Root of the pod is nobody to the host: it must be let through to its root file system.
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx--x--x"));
        var mapping = IDMapping.newBuilder().setContainerId(0).setHostId(200_000).setLength(65_536);
        var users = UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(mapping).addGids(mapping);
        var sandbox = sandbox();
        sandbox.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setUsernsOptions(users);
        Map<String, Path> own = runc.namespaces("--user", "--net", "--ipc", "--uts");
        Path process = own.get("user").get().getParent().getParent();
        Files.writeString(process.resolve("uid_map"), "0 200000 65536");
        Files.writeString(process.resolve("gid_map"), "0 200000 65536");
        var config = shell("id -u; cat /proc/self/uid_map | tr -s ' '; mount -t tmpfs none /tmp || echo no");
        var result = run(request(config, sandbox, joined(own).withUser(own.get("user").get())));
        assertThat(result.out().lines().map(String::strip)).as("%s", result).containsExactly("0", "0 200000 65536", "no");
    }
}
