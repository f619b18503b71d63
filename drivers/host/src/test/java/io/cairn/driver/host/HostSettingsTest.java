package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.images.VerifierPrograms;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HostSettingsTest {
    private static final Map<String, String> GOOD = HashMap.of("boot_id_file", "/boot-id", "images.certs_dirs", "/a,/b",
            "images.max_parallel_layers", "5", "images.stall_timeout", "1m30s", "images.verifier_dir", "off", "images.max_verifiers", "10",
            "images.verifier_timeout", "10s", "devices.cdi_dirs", "/c,/d");

    private static HostSettings with(String key, String value) throws DriverException {
        return HostSettings.of(new DriverContext(Path.of("/state"), Path.of("/run/x"), GOOD.put(key, value), HashMap.empty()));
    }

    @Test
    void theConfigurationIsRead() throws Exception {
        HostSettings settings = with("boot_id_file", "/boot-id");
        assertThat(settings.bootIdFile()).isEqualTo(Path.of("/boot-id"));
        assertThat(settings.certsDirectories()).containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(settings.cdiDirectories()).containsExactly(Path.of("/c"), Path.of("/d"));
        assertThat(settings.parallelLayers()).isEqualTo(5);
        assertThat(settings.stallTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(with("images.certs_dirs", "").certsDirectories()).isEmpty();
        assertThat(with("images.stall_timeout", "250ms").stallTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.verifiers()).isEmpty();
        assertThat(with("images.verifier_dir", "/etc/v").verifiers())
                .contains(new VerifierPrograms(Path.of("/etc/v"), 10, Duration.ofSeconds(10)));
    }

    @Test
    void aValueOfAnotherFormIsRefusedByItsKey() {
        for (String time : new String[] {"", "1", "s", "1s1m", "-1s", "1 s"}) {
            assertThatThrownBy(() -> with("images.stall_timeout", time)).isInstanceOf(DriverException.class)
                    .hasMessageContaining("images.stall_timeout");
        }
        assertThatThrownBy(() -> with("images.max_parallel_layers", "many")).isInstanceOf(DriverException.class)
                .hasMessageContaining("images.max_parallel_layers");
    }

    @Test
    void whoMakesCgroupsIsRead() throws Exception {
        assertThat(CgroupChoice.of("key", "auto")).isEqualTo(CgroupChoice.AUTO);
        assertThat(CgroupChoice.of("key", "cgroupfs").usesSystemd()).isFalse();
        assertThat(CgroupChoice.of("key", "systemd").usesSystemd()).isTrue();
        assertThatThrownBy(() -> CgroupChoice.of("drivers.x.cgroup_driver", "openrc")).isInstanceOf(DriverException.class)
                .hasMessageContaining("drivers.x.cgroup_driver");
    }
}
