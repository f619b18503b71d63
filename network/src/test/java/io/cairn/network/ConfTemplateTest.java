package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.network.PodNetwork.Configured;
import io.vavr.collection.List;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration that is made of a template, in Go's words, when the kubelet tells the addresses of pods. */
class ConfTemplateTest {
    /** As operators of other runtimes have it. */
    private static final String TEMPLATE = """
            {
              "name": "pods", "cniVersion": "1.0.0",
              "plugins": [{
                "type": "bridge",
                "ipam": {
                  "type": "host-local", "subnet": "{{.PodCIDR}}",
                  "ranges": [
                    {{- range $i, $range := .PodCIDRRanges}}{{if $i}}, {{end}}[{"subnet": "{{$range}}"}]{{end -}}
                  ],
                  "routes": [{{range $i, $route := .Routes}}{{if $i}}, {{end}}{"dst": "{{$route}}"}{{end}}]
                }
              }]
            }
            """;

    @TempDir Path temp;
    private Path confDir;
    private Path template;

    @BeforeEach
    void directories() throws Exception {
        confDir = temp.resolve("net.d");
        template = Files.writeString(temp.resolve("cni.template"), TEMPLATE);
    }

    @Test
    void aTemplateForBothFamilies() throws Exception {
        assertThat(make("10.1.0.0/24", "fd00::/64")).isEqualTo(new Configured.Written(file().toString(), template.toString()));
        assertThat(Files.readString(file())).contains("\"subnet\": \"10.1.0.0/24\",")
                .contains("\"ranges\": [[{\"subnet\": \"10.1.0.0/24\"}], [{\"subnet\": \"fd00::/64\"}]],")
                .contains("\"routes\": [{\"dst\": \"0.0.0.0/0\"}, {\"dst\": \"::/0\"}]");
        assertThat(CniConfig.load(confDir).get().network().name()).isEqualTo("pods");
        try (var files = Files.list(confDir)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void theSameRangesAgainChangeNothingAndOthersDo() throws Exception {
        make("10.1.0.0/24");
        assertThat(make("10.1.0.0/24")).isEqualTo(new Configured.NotNeeded(file() + " says so already"));
        assertThat(make("10.2.0.0/24")).isInstanceOf(Configured.Written.class);
        assertThat(Files.readString(file())).contains("10.2.0.0/24").doesNotContain("10.1.0.0");
    }

    @Test
    void whatSomebodyElseHasPutThereStays() throws Exception {
        Files.createDirectories(confDir);
        Path other = Files.writeString(confDir.resolve("99-other.conf"), "{\"name\": \"other\", \"cniVersion\": \"0.4.0\", \"type\": \"bridge\"}");
        assertThat(make("10.1.0.0/24")).isEqualTo(new Configured.NotNeeded("the network is configured by " + other));
        assertThat(file()).doesNotExist();
    }

    @Test
    void aTemplateThatMakesNoConfigurationIsNotWritten() throws Exception {
        Files.writeString(template, "{\"name\": \"{{.PodCIDR}}\"}");
        assertThat(make("10.1.0.0/24")).isInstanceOfSatisfying(Configured.Failed.class,
                failed -> assertThat(failed.why()).contains("no network configuration").contains("\"name\""));
        Files.delete(template);
        assertThat(make("10.1.0.0/24")).isInstanceOfSatisfying(Configured.Failed.class, failed -> assertThat(failed.why()).contains("no such file"));
        assertThat(confDir).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {{.PodCIDR}}                                      | a
            {{ .PodCIDR }}                                    | a
            {{range .PodCIDRRanges}}<{{.}}>{{end}}            | <a><b:>
            {{range $r := .PodCIDRRanges}}<{{$r}}>{{end}}     | <a><b:>
            {{if .PodCIDR}}yes{{else}}no{{end}}               | yes
            {{range $i, $r := .Routes}}{{if $i}}{{else}}first {{end}}{{$i}}={{$r}} {{end}}. | first 0=0.0.0.0/0 1=::/0 .
            x  {{- /* said to nobody */ -}}  y                | xy
            {{range .Routes}}{{range $.x}}{{end}}{{end}}      | !expected a value, range
            {{.Nothing}}                                      | !expected one of .PodCIDR
            {{.Routes}}                                       | !is a list
            {{range .PodCIDR}}{{end}}                         | !is no list
            {{range .Routes}}                                 | !has no {{end}}
            {{if .PodCIDR}}{{else}}                           | !has no {{end}}
            {{end}}                                           | !belongs to nothing
            {{template "x"}}                                  | !expected a value
            """)
    void whatTheWordsMean(String text, String rendered) {
        var result = ConfTemplate.parse(text).flatMap(t -> t.render(List.of("a", "b:")));
        if (rendered.startsWith("!")) {
            assertThat(result.getLeft()).contains(rendered.substring(1));
        } else {
            assertThat(result.get().strip()).isEqualTo(rendered);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void anyTextIsReadOrRefused(int seed) {
        var random = new java.util.Random(seed);
        String[] pieces = {"{{", "}}", "- ", " -", "range ", ".Routes", "$x", ":=", "if ", "else", "end", "{", "\n", "/*", "*/", ".", ",", "ä"};
        for (int i = 0; i < 5_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(30); n > 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            var result = ConfTemplate.parse(text.toString()).flatMap(t -> t.render(List.of("a", "b")));
            assertThat(result.isLeft() ? result.getLeft() : result.get()).isNotNull();
        }
        assertThat(ConfTemplate.parse("{{range .Routes}}".repeat(100)).getLeft()).contains("at most 16");
    }

    private Configured make(String... ranges) {
        return new ConfFile(confDir, template).make(List.of(ranges));
    }

    private Path file() {
        return confDir.resolve("10-cairn.conflist");
    }
}
