package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.CDIDevice;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.KeyValue;
import io.cairn.proto.cri.Mount;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CdiTest {
    private static final String GPU = """
            {"cdiVersion": "0.6.0", "kind": "vendor.com/gpu",
             "containerEdits": {"env": ["ALL=1"], "mounts": [{"hostPath": "/lib/gpu", "containerPath": "/lib/gpu/", "options": ["ro", "nosuid"]}],
               "hooks": [{"hookName": "createContainer", "path": "/bin/hook", "args": ["hook", "x"], "env": ["A=B"], "timeout": 5}]},
             "devices": [
               {"name": "0", "containerEdits": {"env": ["GPU=0"],
                 "deviceNodes": [{"path": "/dev/gpu0", "hostPath": "/dev/null"}]}},
               {"name": "1", "containerEdits": {"env": ["GPU=1"],
                 "deviceNodes": [{"path": "/dev/gpu1", "type": "c", "major": 195, "minor": 1, "fileMode": 416, "permissions": "rw", "uid": 5, "gid": 6}]}}]}
            """;
    private static final String NIC = """
            cdiVersion: "1.0.0"
            kind: vendor.com/nic
            devices:
            - name: eth:7
              containerEdits:
                additionalGids: [44, 0]
                deviceNodes:
                - {path: /dev/nic, type: p}
                mounts:
                - {hostPath: tmpfs, containerPath: /scratch, type: tmpfs, options: [size=1m]}
            """;

    @TempDir
    Path dir;
    private Path early;
    private Path late;

    @BeforeEach
    void directories() throws IOException {
        early = Files.createDirectory(dir.resolve("etc"));
        late = Files.createDirectory(dir.resolve("run"));
        Files.writeString(early.resolve("gpu.json"), GPU);
        Files.writeString(early.resolve("nic.yaml"), NIC);
        Files.writeString(early.resolve("notes.txt"), "not for us");
    }

    private SpecRequest asking(ContainerConfig.Builder config, String... devices) {
        for (String device : devices) {
            config.addCDIDevices(CDIDevice.newBuilder().setName(device));
        }
        return request(config).withCdi(CdiSpecs.in(List.of(early, dir.resolve("absent"), late))).withHostDevices(HostDevices.ofHost());
    }

    @Test
    void aDeviceIsGivenWithWhatItsFileSaysForAllOfThem() {
        var config = container().addEnvs(KeyValue.newBuilder().setKey("GPU").setValue("none"))
                .addMounts(Mount.newBuilder().setContainerPath("/lib/gpu").setHostPath("/elsewhere"));
        OciSpec spec = built(asking(config, "vendor.com/gpu=0", "vendor.com/gpu=1", "vendor.com/gpu=0")).spec();
        assertThat(spec.process().get().env()).contains("ALL=1", "GPU=1").doesNotContain("GPU=none", "GPU=0");
        assertThat(spec.linux().devices()).containsExactly(
                new OciSpec.Device("/dev/gpu0", "c", 1, 3, 0666, 0, 0), new OciSpec.Device("/dev/gpu1", "c", 195, 1, 0640, 5, 6));
        assertThat(spec.linux().resources().devices()).contains(
                new OciSpec.DeviceRule(true, Option.some("c"), Option.some(195L), Option.some(1L), "rw"));
        assertThat(spec.mounts().filter(m -> m.destination().equals("/lib/gpu"))).containsExactly(
                OciSpec.Mount.of("/lib/gpu", "bind", "/lib/gpu", "rbind", "ro", "nosuid"));
        assertThat(spec.hooks().get("createContainer").get()).containsExactly(
                new OciSpec.Hook("/bin/hook", List.of("hook", "x"), List.of("A=B"), Option.some(5)));
        assertThat(OciSpec.parse(spec.toJson()).get()).isEqualTo(spec);
    }

    @Test
    void yamlIsReadLikeJsonAndGroupsAreAdded() {
        BuiltSpec built = built(asking(container(), "vendor.com/nic=eth:7"));
        assertThat(built.user().supplementalGroups()).contains(44L);
        assertThat(built.spec().process().get().user().additionalGids()).contains(44L);
        assertThat(built.spec().linux().devices().head().type()).isEqualTo("p");
        assertThat(built.spec().mounts()).contains(OciSpec.Mount.of("/scratch", "tmpfs", "tmpfs", "size=1m"));
        assertThat(built(asking(container())).spec().hooks()).isEmpty();
    }

    @Test
    void aLaterDirectoryWinsAndTwoFilesOfOneContradictEachOther() throws IOException {
        Files.writeString(late.resolve("gpu.json"), GPU.replace("GPU=0", "GPU=late"));
        assertThat(built(asking(container(), "vendor.com/gpu=0")).spec().process().get().env()).contains("GPU=late");
        Files.writeString(late.resolve("again.json"), GPU);
        assertThat(refused(asking(container(), "vendor.com/gpu=0"))).isInstanceOf(SpecProblem.HostLacks.class)
                .extracting(SpecProblem::message).asString().contains("vendor.com/gpu=0", late.toString());
    }

    @Test
    void aDeviceThatIsNotThereIsTold() throws IOException {
        Files.writeString(late.resolve("broken.json"), "{");
        assertThat(refused(asking(container(), "vendor.com/gpu=9"))).isInstanceOf(SpecProblem.HostLacks.class)
                .extracting(SpecProblem::message).asString().contains("vendor.com/gpu=9", early.toString(), "broken.json");
        Files.writeString(late.resolve("gone.json"), GPU.replace("/dev/null", "/dev/no-such"));
        assertThat(refused(asking(container(), "vendor.com/gpu=0")).message()).contains("/dev/no-such");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "vendor.com/gpu", "vendor.com/gpu=", "=0", "vendor.com/gpu=../0", "vendor.com/g/u=0", "vendor.com/gpu=0\n",
            "vendor.com/gpu=0=1"})
    void whatIsNoNameOfADeviceIsRefused(String name) {
        assertThat(refused(asking(container(), name))).isInstanceOf(SpecProblem.InvalidRequest.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "", "[]", "null", "\0\0\0{}", "{\"cdiVersion\": 1}", "{\"cdiVersion\": \"9.0.0\", \"kind\": \"a.b/c\"}", "{\"cdiVersion\": \"0.5.0\", \"kind\": \"c\"}",
            "DEVICE{\"name\": \"a b\"}", "DEVICE{\"name\": \"d\"}, {\"name\": \"d\"}",
            "EDITS{\"env\": [\"=x\"]}", "EDITS{\"env\": [\"A=\\u0000\"]}", "EDITS{\"env\": {}}", "EDITS{\"additionalGids\": [-1]}",
            "EDITS{\"mounts\": [{\"hostPath\": \"/x\", \"containerPath\": \"/a/../..\"}]}", "EDITS{\"mounts\": [{\"hostPath\": \"x\", \"containerPath\": \"/a\"}]}",
            "EDITS{\"deviceNodes\": [{\"path\": \"dev\"}]}", "EDITS{\"deviceNodes\": [{\"path\": \"/d\", \"permissions\": \"x\"}]}",
            "EDITS{\"deviceNodes\": [{\"path\": \"/d\", \"type\": \"z\"}]}", "EDITS{\"deviceNodes\": [{\"path\": \"/d\", \"major\": 1.5}]}",
            "EDITS{\"hooks\": [{\"hookName\": \"later\", \"path\": \"/x\"}]}", "EDITS{\"hooks\": [{\"hookName\": \"poststop\", \"path\": \"x\"}]}",
            "EDITS{\"intelRdt\": {\"closID\": \"x\"}}", "EDITS{\"netDevices\": []}"})
    void aBadFileHidesItsOwnDevicesOnly(String content) throws IOException {
        String head = "{\"cdiVersion\": \"1.1.0\", \"kind\": \"bad.com/x\", \"devices\": [";
        String text = content.startsWith("DEVICE") ? head + content.substring(6) + "]}"
                : content.startsWith("EDITS") ? head + "{\"name\": \"d\", \"containerEdits\": " + content.substring(5) + "}]}" : content;
        for (String name : new String[] {"bad.json", "bad.yaml"}) {
            Files.writeString(early.resolve(name), text);
            assertThat(refused(asking(container(), "bad.com/x=d")).message()).contains(name);
            assertThat(built(asking(container(), "vendor.com/gpu=0")).spec().process().get().env()).contains("GPU=0");
            Files.delete(early.resolve(name));
        }
    }

    @Test
    void neitherHugeNorDeepNorSpecialFilesHoldUpAnybody() throws Exception {
        Files.write(early.resolve("huge.json"), new byte[Json.MAX_BYTES + 1]);
        Files.writeString(early.resolve("deep.json"), "{\"a\":".repeat(100_000));
        Files.writeString(early.resolve("deep.yaml"), "[".repeat(100_000));
        Files.writeString(early.resolve("bomb.yaml"), """
                a: &a [x, x, x, x, x, x, x, x, x, x]
                b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
                c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
                d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
                e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
                f: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
                """);
        Files.createDirectory(early.resolve("directory.json"));
        Files.createSymbolicLink(early.resolve("loop.json"), Path.of("loop.json"));
        assertThat(new ProcessBuilder("mkfifo", early.resolve("fifo.json").toString()).start().waitFor()).isZero();
        assertThat(built(asking(container(), "vendor.com/gpu=0")).spec().process().get().env()).contains("GPU=0");
        assertThat(refused(asking(container(), "vendor.com/gpu=9")).message()).contains("7 files there are of no use");
        for (int i = 0; i <= 1_000; i++) {
            Files.createFile(late.resolve(i + ".json"));
        }
        assertThat(refused(asking(container(), "vendor.com/gpu=0")).message()).contains("at most 1000", late.toString());
    }
}
