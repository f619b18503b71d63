package io.cairn.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.images.TestImage;
import io.cairn.images.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final String CONFIG = "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"sha256:"
            + "a".repeat(64) + "\",\"size\":10}";

    @Test
    void bothFamiliesOfManifestsAreRead() throws IOException {
        for (String type : new String[] {TestImage.DOCKER_MANIFEST, TestImage.OCI_MANIFEST}) {
            TestImage image = TestImage.built(type, "amd64", "{}", TestImage.Packing.GZIP, Tar.of(Tar.file("f", "x")), Tar.of());
            Manifest.Image parsed = (Manifest.Image) Manifest.parse(image.manifest);
            assertThat(parsed.config().digest()).isEqualTo(image.configDigest);
            assertThat(parsed.layers().map(Descriptor::digest)).containsExactlyElementsOf(image.layers);
            byte[] index = TestImage.index(TestImage.OCI_INDEX, Map.of("linux/arm/v7", image));
            assertThat(((Manifest.Index) Manifest.parse(index)).entries().head()._2).contains(new Platform("linux", "arm", "v7"));
        }
    }

    @Test
    void aDocumentOfTwoMeaningsIsRefused() {
        refused("the fields of both", "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[],\"config\":" + CONFIG + "}");
        refused("no container image", "{\"schemaVersion\":2,\"mediaType\":\"" + TestImage.OCI_INDEX + "\",\"layers\":[],\"config\":"
                + CONFIG + "}");
        refused("no container image", "{\"schemaVersion\":2,\"mediaType\":\"" + TestImage.OCI_MANIFEST + "\",\"manifests\":[]}");
        refused("JSON", "{\"schemaVersion\":2,\"layers\":[],\"config\":" + CONFIG + ",\"layers\":[]}");
        refused("JSON", "{\"schemaVersion\":2,\"manifests\":[]} {}");
    }

    @Test
    void whatIsNoImageIsToldSo() {
        refused("schema 1", "{\"schemaVersion\":1,\"fsLayers\":[]}");
        refused("schemaVersion 2", "{}");
        refused("schemaVersion 2", "[]");
        refused("JSON", "<html>");
        refused("JSON", "");
        refused("no container image", "{\"schemaVersion\":2}");
        refused("no container image", "{\"schemaVersion\":2,\"layers\":[],\"config\":" + CONFIG.replace("oci.image", "helm") + "}");
        refused("digest and size", "{\"schemaVersion\":2,\"layers\":[],\"config\":{\"digest\":\"sha256:xyz\",\"size\":1}}");
        refused("digest and size", "{\"schemaVersion\":2,\"layers\":[],\"config\":" + CONFIG.replace("10", "-1") + "}");
        refused("digest and size", "{\"schemaVersion\":2,\"layers\":[],\"config\":" + CONFIG.replace("10", "1e99") + "}");
        refused("digest and size", "{\"schemaVersion\":2,\"layers\":[],\"config\":" + CONFIG.replace("10", "99999999999999999999") + "}");
        refused("one of its layers", "{\"schemaVersion\":2,\"layers\":[" + CONFIG + "],\"config\":" + CONFIG + "}");
        String layer = CONFIG.replace("config.v1+json", "layer.v1.tar");
        refused("129 layers", "{\"schemaVersion\":2,\"layers\":[" + layer + ("," + layer).repeat(128) + "],\"config\":" + CONFIG + "}");
        refused("more than 1000 entries", "{\"schemaVersion\":2,\"manifests\":[" + layer + ("," + layer).repeat(1000) + "]}");
        refused("JSON", "{\"schemaVersion\":2,\"manifests\":" + "[".repeat(1000));
    }

    @Test
    void randomDamageNeverBreaksTheParser() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] sound = TestImage.of(Tar.of()).manifest;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = sound.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) (random.nextInt(2) == 0
                        ? "{}[],:\"0-e".charAt(random.nextInt(10)) : random.nextInt(256));
            }
            try {
                Manifest.parse(damaged);
            } catch (IOException expected) {
                assertThat(expected.getMessage()).doesNotContain("\n");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round + ": " + new String(damaged, StandardCharsets.ISO_8859_1), e);
            }
        }
    }

    private static void refused(String why, String json) {
        assertThatThrownBy(() -> Manifest.parse(json.getBytes(StandardCharsets.UTF_8))).isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }
}
