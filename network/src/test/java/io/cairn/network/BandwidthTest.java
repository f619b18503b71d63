package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import org.junit.jupiter.api.Test;

class BandwidthTest {
    @Test
    void quantitiesMeanWhatKubernetesMeans() {
        var cases = HashMap.of("10M", 10_000_000L, "1k", 1_000L, "1Ki", 1_024L, "1.5G", 1_500_000_000L, "1500m", 2L, "2e3", 2_000L)
                .put("2E", 2_000_000_000_000_000_000L)
                .merge(HashMap.of("+7", 7L, ".5k", 500L, "5.", 5L, "1e-3", 1L, "0", 0L, "1Mi", 1_048_576L, "12E2", 1_200L));
        cases.forEach((text, value) -> assertThat(Quantity.parse(text)).as(text).contains(value));
        for (String bad : List.of("", "-1", "M", "10 M", "10MB", "1e", "1e999", "9EE", "0x10", "1_000", "10\u0660", "1".repeat(100))) {
            assertThat(Quantity.parse(bad).isLeft()).as(bad).isTrue();
        }
    }

    @Test
    void theAnnotationsGiveLimitsOrAReason() {
        assertThat(Bandwidth.fromAnnotations(HashMap.of("other", "x"))).contains(Option.none());
        var limit = Bandwidth.fromAnnotations(HashMap.of(Bandwidth.EGRESS_ANNOTATION, "1M")).get().get();
        assertThat(limit.ingress()).isEmpty();
        assertThat(limit.egress()).contains(new Bandwidth.Limit(1_000_000, 0xffff_ffffL));
        assertThat(Bandwidth.fromAnnotations(HashMap.of(Bandwidth.INGRESS_ANNOTATION, "999")).getLeft())
                .isEqualTo("annotation kubernetes.io/ingress-bandwidth: expected 1k to 1P bits per second, but got \"999\"");
        assertThat(Bandwidth.fromAnnotations(HashMap.of(Bandwidth.INGRESS_ANNOTATION, "fast")).getLeft()).contains("\"fast\"");
    }
}
