package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.KeyValue;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import org.junit.jupiter.api.Test;

class ProcessTextTest {
    private static ImageConfig image(List<String> entrypoint, List<String> cmd, List<String> env, String workingDir) {
        return new ImageConfig(
                env, entrypoint, cmd, Option.of(workingDir), Option.none(), Option.none(), LinkedHashMap.empty());
    }

    private static OciSpec.Process process(ContainerConfig.Builder config, ImageConfig image) {
        return built(Fixtures.withImage(request(config), image)).spec().process().get();
    }

    private static List<String> args(List<String> entrypoint, List<String> cmd, List<String> command, List<String> args) {
        var config = container().addAllCommand(command).addAllArgs(args);
        return process(config, image(entrypoint, cmd, List.empty(), "")).args();
    }

    @Test
    void commandReplacesTheEntrypointAndDropsTheImagesCmd() {
        List<String> none = List.empty();
        List<String> entry = List.of("entry");
        List<String> cmd = List.of("cmd");
        assertThat(args(entry, cmd, none, none)).containsExactly("entry", "cmd");
        assertThat(args(entry, cmd, none, List.of("arg"))).containsExactly("entry", "arg");
        assertThat(args(entry, cmd, List.of("command"), none)).containsExactly("command");
        assertThat(args(entry, cmd, List.of("command"), List.of("arg"))).containsExactly("command", "arg");
        assertThat(args(none, cmd, none, none)).containsExactly("cmd");
        assertThat(args(none, cmd, none, List.of("arg"))).containsExactly("arg");
    }

    @Test
    void nothingToRunIsTheImagesFault() {
        var problem = refused(Fixtures.withImage(request(container()), ImageConfig.empty()));
        assertThat(problem).isInstanceOf(SpecProblem.InvalidImage.class);
        assertThat(problem.message()).contains("command").contains("sha256:0f1e");
    }

    @Test
    void theCriOverridesTheImagesEnvironmentByKeyAndKeepsItsPlace() {
        var config = container().setTty(true).addEnvs(env("B", "cri=1")).addEnvs(env("D", "")).addEnvs(env("HOSTNAME", "mine"));
        var process = process(config, image(List.of("x"), List.empty(), List.of("A=1", "B=2", "C", "PATH=/bin"), ""));
        assertThat(process.env()).containsExactly("PATH=/bin", "TERM=xterm", "HOSTNAME=mine", "A=1", "B=cri=1", "D=");
    }

    @Test
    void withoutAnyWordPathAndHostnameAreSet() {
        var process = process(container(), image(List.of("x"), List.empty(), List.empty(), ""));
        assertThat(process.env()).containsExactly("PATH=" + ProcessText.DEFAULT_PATH, "HOSTNAME=web-0");
        var onNode = built(request(container(), pod().setHostname(""))).spec().process().get();
        assertThat(onNode.env()).contains("HOSTNAME=node");
    }

    @Test
    void aKeyThatIsNoKeyIsRefusedWithoutTellingTheValue() {
        assertThat(refused(request(container().addEnvs(env("A=B", "secret")))).message()).contains("A=B").doesNotContain("secret");
        assertThat(refused(request(container().addEnvs(env("", "secret")))).message()).doesNotContain("secret");
        assertThat(refused(request(container().addEnvs(env("A", "sec\0ret")))).message()).contains("NUL").doesNotContain("ret\"");
    }

    @Test
    void theWorkingDirectoryIsTheCrisElseTheImagesElseTheRoot() {
        assertThat(process(container().setWorkingDir("/srv"), image(List.of("x"), List.empty(), List.empty(), "/app")).cwd())
                .isEqualTo("/srv");
        assertThat(process(container(), image(List.of("x"), List.empty(), List.empty(), "/app")).cwd()).isEqualTo("/app");
        assertThat(process(container(), image(List.of("x"), List.empty(), List.empty(), "app")).cwd()).isEqualTo("/app");
        assertThat(process(container(), image(List.of("x"), List.empty(), List.empty(), "")).cwd()).isEqualTo("/");
        assertThat(refused(request(container().setWorkingDir("srv"))).message()).contains("working_dir").contains("srv");
    }

    private static KeyValue env(String key, String value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }
}
