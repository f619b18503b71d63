package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final Map<String, String> GOOD = HashMap.of(
            "drivers.runc.runtime", "auto", "drivers.runc.conmon", "/usr/bin/conmon", "drivers.runc.runtime_root", "/run/x/runc",
            "drivers.runc.cgroup_driver", "auto", "images.certs_dirs", "/a,/b", "images.max_parallel_layers", "5",
            "images.stall_timeout", "1m30s");

    private static Settings with(String key, String value) throws DriverException {
        return Settings.of(new DriverContext(Path.of("/state"), Path.of("/run/x"), GOOD.put(key, value), HashMap.empty()));
    }

    @Test
    void theConfigurationIsRead() throws Exception {
        Settings settings = with("drivers.runc.runtime", "/usr/bin/crun");
        assertThat(settings.runtime()).contains(Path.of("/usr/bin/crun"));
        assertThat(settings.certsDirectories()).containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(settings.parallelLayers()).isEqualTo(5);
        assertThat(settings.stallTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(with("drivers.runc.runtime", "auto").runtime()).isEmpty();
        assertThat(with("images.certs_dirs", "").certsDirectories()).isEmpty();
        assertThat(with("images.stall_timeout", "250ms").stallTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(with("drivers.runc.cgroup_driver", "systemd").cgroups()).isEqualTo(Settings.CgroupChoice.SYSTEMD);
    }

    @Test
    void aValueOfAnotherFormIsRefusedByItsKey() {
        for (String time : new String[] {"", "1", "s", "1s1m", "-1s", "1 s"}) {
            assertThatThrownBy(() -> with("images.stall_timeout", time)).isInstanceOf(DriverException.class)
                    .hasMessageContaining("images.stall_timeout");
        }
        assertThatThrownBy(() -> with("images.max_parallel_layers", "many")).isInstanceOf(DriverException.class)
                .hasMessageContaining("images.max_parallel_layers");
        assertThatThrownBy(() -> with("drivers.runc.cgroup_driver", "openrc")).isInstanceOf(DriverException.class)
                .hasMessageContaining("drivers.runc.cgroup_driver");
    }
}
