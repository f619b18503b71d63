package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CniResultTest {
    private static final String GOOD = """
            {"cniVersion": "1.0.0",
             "interfaces": [{"name": "cni0", "mac": "00:11:22:33:44:55"}, {"name": "eth0", "sandbox": "/run/netns/a"}],
             "ips": [{"address": "10.1.0.5/16", "gateway": "10.1.0.1", "interface": 1}, {"address": "fd00::5/64", "interface": 1},
                     {"address": "192.0.2.1/32", "interface": 0}],
             "routes": [{"dst": "0.0.0.0/0"}, {"dst": "fd01::/16", "gw": "fd00::1"}],
             "dns": {"nameservers": ["10.1.0.1"], "search": ["a.b"], "options": ["ndots:2"]}}""";

    private static Either<String, Attachment> parse(byte[] bytes) {
        return Json.parseObject(bytes).flatMap(o -> CniResult.normalize(o, CniVersion.V1_0_0)).flatMap(o -> CniResult.parse("lab", o));
    }

    private static Either<String, Attachment> parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void allPartsOfAResultAreRead() {
        Attachment attachment = parse(GOOD).get();
        assertThat(attachment.podIps()).containsExactly(
                new Attachment.Ip("10.1.0.5", 16, Option.some("10.1.0.1"), Option.some(1)),
                new Attachment.Ip("fd00::5", 64, Option.none(), Option.some(1)));
        assertThat(attachment.ips()).hasSize(3);
        assertThat(attachment.interfaces()).containsExactly(
                new Attachment.Interface("cni0", Option.some("00:11:22:33:44:55"), Option.none()),
                new Attachment.Interface("eth0", Option.none(), Option.some("/run/netns/a")));
        assertThat(attachment.routes()).containsExactly(
                new Attachment.Route("0.0.0.0/0", Option.none()), new Attachment.Route("fd01::/16", Option.some("fd00::1")));
        assertThat(attachment.dns()).isEqualTo(new DnsConfig(List.of("10.1.0.1"), List.of("a.b"), List.of("ndots:2")));
        assertThat(parse(attachment.rawResult())).contains(attachment);
    }

    @Test
    void aResultWithoutAnythingIsAResult() {
        assertThat(parse("{}").get().podIps()).isEmpty();
        assertThat(parse("{\"ips\": null, \"dns\": 1}").get().ips()).isEmpty();
    }

    @Test
    void addressesAreFullLiteralsOnly() {
        for (String address : List.of("10.1/16", "10.1.0.5", "10.1.0.5/33", "10.1.0.256/8", "010.1.0.5.1/8", "fd00::5/129",
                "fe80::1%eth0/64", "localhost/8", "/8", "10.1.0.5/", "10.1.0.5/-1", "10.1.0.5/8/8", " 10.1.0.5/8",
                "1".repeat(5000) + "/8")) {
            var read = parse("{\"ips\": [{\"address\": \"%s\"}]}".formatted(address));
            assertThat(read.isLeft()).as(address).isTrue();
            assertThat(read.getLeft()).startsWith("ips: expected \"address\" in CIDR notation").hasSizeLessThan(500);
        }
    }

    @Test
    void theVersionOfAddressesFollowsTheSpecOfTheNetwork() {
        var old = Json.parseObject("""
                {"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.1.0.5/16"}]}""".getBytes()).get();
        assertThat(CniResult.normalize(old, CniVersion.V1_0_0).get())
                .hasToString("{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.0.5/16\"}]}");
        var recent = Json.parseObject("{\"ips\": [{\"address\": \"fd00::5/64\"}]}".getBytes()).get();
        assertThat(CniResult.normalize(recent, CniVersion.V0_4_0).get())
                .hasToString("{\"ips\":[{\"address\":\"fd00::5/64\",\"version\":\"6\"}],\"cniVersion\":\"0.4.0\"}");
    }

    @Test
    void whateverAPluginWritesItIsAResultOrAReason() {
        Fuzz.mutations(GOOD, 8_000, bytes -> {
            var read = parse(bytes);
            if (read.isRight()) {
                read.get().podIps().forEach(ip -> assertThat(CniResult.address(ip.address())).isNotEmpty());
                assertThat(parse(read.get().rawResult())).contains(read.get());
            } else {
                assertThat(read.getLeft()).isNotEmpty().hasSizeLessThan(1000);
            }
        });
    }
}
