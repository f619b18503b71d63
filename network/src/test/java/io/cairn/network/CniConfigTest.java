package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.List;
import io.vavr.control.Either;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CniConfigTest {
    private static final String LIST = """
            {"cniVersion": "1.0.0", "name": "%s", "plugins": [{"type": "bridge"}]}""";

    @TempDir
    Path dir;

    private void write(String name, String content) throws IOException {
        Files.writeString(dir.resolve(name), content);
    }

    private String loaded() {
        return CniConfig.load(dir).map(l -> l.network().name() + l.network().plugins().map(NetworkList.Plugin::type)).getOrElseGet(r -> r);
    }

    @Test
    void theFirstValidFileInLexicalOrderWins() throws Exception {
        assertThat(loaded()).isEqualTo("no network configuration (*.conflist, *.conf, *.json) in " + dir);
        write("30-c.conflist", LIST.formatted("c"));
        write("05-temporary.conflist.tmp", LIST.formatted("tmp"));
        assertThat(loaded()).isEqualTo("cList(bridge)");
        write("20-b.conf", "{\"cniVersion\": \"0.4.0\", \"name\": \"b\", \"type\": \"ptp\"}");
        assertThat(loaded()).isEqualTo("bList(ptp)");
        write("10-a.json", "{\"name\": \"a\"");
        Files.createDirectory(dir.resolve("00-dir.conf"));
        assertThat(loaded()).isEqualTo("bList(ptp)");
        assertThat(CniConfig.load(dir).get().notes().mkString()).startsWith("10-a.json: not JSON at line 1");
        write("10-a.json", LIST.formatted("a"));
        assertThat(loaded()).isEqualTo("aList(bridge)");
    }

    @Test
    void aDirectoryThatIsMissingIsAReason() {
        assertThat(CniConfig.load(dir.resolve("absent")).getLeft()).contains("there is no directory " + dir.resolve("absent"));
    }

    @Test
    void pluginsMayBeAddedFromFilesBesideTheList() throws Exception {
        write("10-a.conflist", LIST.formatted("a"));
        Files.createDirectory(dir.resolve("a"));
        write("a/20-y.conf", "{\"type\": \"y\"}");
        write("a/10-x.conf", "{\"type\": \"x\"}");
        write("a/readme.txt", "no plugin");
        assertThat(loaded()).isEqualTo("aList(bridge, x, y)");
        write("10-a.conflist", "{\"cniVersion\": \"1.1.0\", \"name\": \"a\"}");
        assertThat(loaded()).isEqualTo("aList(x, y)");
        write("10-a.conflist", """
                {"cniVersion": "1.1.0", "name": "a", "loadOnlyInlinedPlugins": true, "plugins": [{"type": "z"}]}""");
        assertThat(loaded()).isEqualTo("aList(z)");
        write("10-a.conflist", LIST.formatted("a"));
        write("a/15-bad.conf", "{\"type\": \"../../bin/sh\"}");
        assertThat(loaded()).contains("15-bad.conf: expected a plugin's \"type\" to be the name of a file");
    }

    @Test
    void filesWithErrorsGiveAReason() throws Exception {
        var cases = List.of(
                "", "expected a JSON object, but got nothing",
                "[]", "expected a JSON object",
                "{} {}", "not JSON",
                "{\"plugins\": [{\"type\": \"a\"}]}", "expected \"name\"",
                "{\"name\": \"../x\", \"cniVersion\": \"1.0.0\", \"plugins\": [{\"type\": \"a\"}]}", "expected \"name\"",
                "{\"name\": \"x\", \"plugins\": [{\"type\": \"a\"}]}", "CNI versions 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0, but got none",
                "{\"name\": \"x\", \"cniVersion\": \"0.2.0\", \"type\": \"a\"}", "but got \"0.2.0\"",
                "{\"name\": \"x\", \"cniVersion\": 1, \"type\": \"a\"}", "expected \"cniVersion\" to be a text",
                "{\"name\": \"x\", \"cniVersion\": \"one\", \"type\": \"a\"}", "CNI versions like 1.0.0",
                "{\"name\": \"x\", \"cniVersion\": \"1.0.0\"}", "it has neither",
                "{\"name\": \"x\", \"cniVersion\": \"1.0.0\", \"plugins\": []}", "1 to 64 plugins",
                "{\"name\": \"x\", \"cniVersion\": \"1.0.0\", \"plugins\": {}}", "1 to 64 plugins",
                "{\"name\": \"x\", \"cniVersion\": \"1.0.0\", \"plugins\": [1]}", "a plugin to be a JSON object",
                "{\"name\": \"x\", \"cniVersion\": \"1.0.0\", \"plugins\": [{}]}", "\"type\"",
                "{\"name\": \"x\", \"cniVersion\": \"1.0.0\", \"disableCheck\": 3, \"type\": \"a\"}",
                        "\"disableCheck\" to be true or false",
                "[".repeat(5000), "not JSON",
                "{\"x\": 1.5e9223372036854775808}", "exponent",
                "{\"x\": \"" + "y".repeat(2 << 20) + "\"}", "at most 1048576 bytes");
        for (int i = 0; i < cases.size(); i += 2) {
            write("10-a.conf", cases.get(i));
            assertThat(loaded()).contains("10-a.conf: ").contains(cases.get(i + 1)).hasSizeLessThan(800);
        }
    }

    @Test
    void aPipeInTheDirectoryIsNotWaitedFor() throws Exception {
        Shell.run("mkfifo", dir.resolve("10-a.conf").toString());
        assertThat(loaded()).contains("10-a.conf: expected a regular file");
    }

    @Test
    void whateverIsInAFileItIsANetworkOrAReason() {
        String good = """
                {"cniVersion": "1.0.0", "cniVersions": ["0.4.0"], "name": "lab", "disableCheck": "true", "plugins": [
                 {"type": "bridge", "capabilities": {"ips": true}, "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/16"}]]}},
                 {"type": "portmap", "x": 1.50}]}""";
        Fuzz.mutations(good, 8_000, bytes -> {
            Either<String, NetworkList> read = Json.parseObject(bytes).flatMap(NetworkList::parse);
            if (read.isRight()) {
                // What is accepted can be put on record and read again.
                var again = Json.parseObject(Json.bytes(read.get().toJson())).flatMap(NetworkList::parse);
                assertThat(again).as(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(read);
            } else {
                assertThat(read.getLeft()).isNotEmpty().hasSizeLessThan(1000);
            }
        });
    }
}
