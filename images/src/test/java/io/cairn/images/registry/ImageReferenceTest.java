package io.cairn.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String SHA = "sha256:" + "a".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest",
        "busybox:1.36, docker.io/library/busybox:1.36",
        "docker.io/busybox, docker.io/library/busybox:latest",
        "index.docker.io/busybox, docker.io/library/busybox:latest",
        "team/app, docker.io/team/app:latest",
        "localhost/app, localhost/app:latest",
        "localhost:5000/app:x, localhost:5000/app:x",
        "127.0.0.1:5000/a/b/c, 127.0.0.1:5000/a/b/c:latest",
        "[::1]:5000/app, [::1]:5000/app:latest",
        "Registry/app, Registry/app:latest",
        "registry.k8s.io/pause:3.10, registry.k8s.io/pause:3.10",
        "a.b/c__d/e-f.g/h--i:T_a.g-1, a.b/c__d/e-f.g/h--i:T_a.g-1",
    })
    void namesAreNormalisedAsDockerDoes(String text, String whole) {
        assertThat(ImageReference.parse(text).get()).hasToString(whole);
        assertThat(ImageReference.parse(whole).get()).as("what is whole stays").hasToString(whole);
    }

    @Test
    void aDigestNeedsNoTagAndKeepsOneThatIsThere() {
        assertThat(ImageReference.parse("busybox@" + SHA).get()).hasToString("docker.io/library/busybox@" + SHA);
        ImageReference both = ImageReference.parse("r.io/a:1@" + SHA).get();
        assertThat(both).hasToString("r.io/a:1@" + SHA);
        assertThat(both.tag()).contains("1");
        assertThat(both.name()).isEqualTo("r.io/a");
        assertThat(both.at(both.digest().get())).hasToString("r.io/a@" + SHA);
        assertThat(ImageReference.parse("a@sha512:" + "b".repeat(128)).isRight()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "UPPER", "r.io/Upper", "a b", "a:", ":tag", "a:-x", "a:.x", "a:b:c", "a/", "/a", "a//b", "a/../b",
        "..", "a..b", "a@", "a@sha256:abc", "a@md5:d41d8cd98f00b204e9800998ecf8427e", "https://r.io/a", "r.io:99999/a", "r.io:0/a",
        "r.io:/a", "-r.io/a", "r_x.io/a", "user@r.io/a", "r.io/a?x", "r.io/a#x", "r.io/a%2e%2e", "a\nb", "a\u0000b", "ä", "[::1/a",
        "a_-b", "a-", "_a"})
    void hostileNamesAreRefusedInOneLine(String text) {
        var parsed = ImageReference.parse(text);
        assertThat(parsed.isLeft()).as(parsed.toString()).isTrue();
        assertThat(parsed.getLeft()).startsWith("Expected").doesNotContain("\n").doesNotContain("\0");
    }

    @Test
    void lengthsAreBounded() {
        assertThat(ImageReference.parse("a:" + "t".repeat(128)).isRight()).isTrue();
        assertThat(ImageReference.parse("a:" + "t".repeat(129)).isLeft()).isTrue();
        assertThat(ImageReference.parse("r.io/" + "a".repeat(250)).isRight()).isTrue();
        assertThat(ImageReference.parse("r.io/" + "a".repeat(251)).isLeft()).isTrue();
        assertThat(ImageReference.parse("a".repeat(1_000_000)).getLeft()).hasSizeLessThan(1_000);
        assertThat(ImageReference.parse("a".repeat(64)).getLeft()).contains("image id");
    }

    @Test
    void randomTextIsRefusedOrReadsBackTheSame() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String alphabet = "ab0.:/@-_[]A sh256" + SHA;
        for (int round = 0; round < 50_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(20); i >= 0; i--) {
                text.append(random.nextInt(40) == 0 ? SHA : alphabet.charAt(random.nextInt(18)));
            }
            ImageReference.parse(text.toString()).forEach(reference -> assertThat(ImageReference.parse(reference.toString()).get())
                    .as("seed " + seed + ": " + text).isEqualTo(reference));
        }
    }
}
