package io.cairn.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlatformTest {
    @Test
    void aMachineRunsItsOwnArchitectureAndOlderVariants() {
        expect("amd64", "amd64", "", true);
        expect("amd64", "amd64", "v1", true);
        expect("amd64", "amd64", "v3", false);
        expect("amd64", "arm64", "", false);
        expect("aarch64", "arm64", "v8", true);
        expect("aarch64", "arm64", "", true);
        expect("arm", "arm", "v6", true);
        expect("arm", "arm", "v8", false);
        expect("arm", "arm", "", true);
        expect("riscv64", "riscv64", "", true);
        assertThat(Platform.ofMachine("amd64").runs(new Platform("windows", "amd64", ""))).isFalse();
    }

    @Test
    void theBestVariantIsTheNewestThatRuns() {
        Platform machine = Platform.ofMachine("arm");
        assertThat(machine.fitness(new Platform("linux", "arm", "v7"))).isGreaterThan(machine.fitness(new Platform("linux", "arm", "v6")));
    }

    private static void expect(String machine, String architecture, String variant, boolean runs) {
        assertThat(Platform.ofMachine(machine).runs(new Platform("linux", architecture, variant)))
                .as(machine + " " + architecture + variant).isEqualTo(runs);
    }
}
