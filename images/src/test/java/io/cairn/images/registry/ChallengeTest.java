package io.cairn.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChallengeTest {
    @Test
    void challengesAreReadInAllTheirForms() {
        String header = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull\"";
        Challenge hub = Challenge.parse(List.of(header)).head();
        assertThat(hub.scheme()).isEqualTo("bearer");
        assertThat(hub.parameter("realm")).isEqualTo("https://auth.docker.io/token");
        assertThat(hub.parameter("service")).isEqualTo("registry.docker.io");
        assertThat(hub.parameter("scope")).isEqualTo("repository:a/b:pull");
        Challenge odd = Challenge.parse(List.of("bearer Scope = \"a,b\" , REALM=\"x\\\"y\", error=none")).head();
        assertThat(odd.parameters().size()).isEqualTo(3);
        assertThat(odd.parameter("realm")).isEqualTo("x\"y");
        assertThat(odd.parameter("scope")).isEqualTo("a,b");
    }

    @Test
    void severalChallengesMayShareAHeader() {
        var found = Challenge.parse(List.of("Basic realm=\"one\", Bearer realm=\"two\",service=\"s\"", "Negotiate"));
        assertThat(found.map(Challenge::scheme)).containsExactly("basic", "bearer", "negotiate");
        assertThat(found.get(1).parameter("service")).isEqualTo("s");
        assertThat(found.get(2).parameter("realm")).isEmpty();
    }

    @Test
    void rubbishIsPassedOver() {
        assertThat(Challenge.parse(List.of("", "\"", "=x", ",,,"))).isEmpty();
        assertThat(Challenge.parse(List.of("Bearer realm=\"unclosed")).map(Challenge::scheme)).startsWith("bearer");
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(40); i >= 0; i--) {
                text.append("Ba =\",\\\t;x".charAt(random.nextInt(10)));
            }
            assertThat(Challenge.parse(List.of(text.toString()))).as("seed " + seed).isNotNull();
        }
    }
}
