package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.CgroupChoice;
import io.cairn.driver.host.DriverFixture;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final Map<String, String> GOOD = DriverFixture.hostSettings(Path.of("/x")).merge(HashMap.of(
            "drivers.runc.runtime", "auto", "drivers.runc.conmon", "/usr/bin/conmon", "drivers.runc.criu", "auto", "drivers.runc.restore_images", "off",
            "drivers.runc.runtime_root", "/run/x/runc",
            "drivers.runc.cgroup_driver", "auto", "drivers.runc.command_timeout", "2m"));

    private static Settings with(String key, String value) throws DriverException {
        return Settings.of(new DriverContext(Path.of("/state"), Path.of("/run/x"), GOOD.put(key, value), HashMap.empty()));
    }

    @Test
    void theConfigurationIsRead() throws Exception {
        Settings settings = with("drivers.runc.runtime", "/usr/bin/crun");
        assertThat(settings.runtime()).contains(Path.of("/usr/bin/crun"));
        assertThat(settings.runtimeRoot()).isEqualTo(Path.of("/run/x/runc"));
        assertThat(settings.conmon()).isEqualTo(Path.of("/usr/bin/conmon"));
        assertThat(settings.commandTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(with("drivers.runc.runtime", "auto").runtime()).isEmpty();
        assertThat(with("drivers.runc.cgroup_driver", "systemd").cgroups()).isEqualTo(CgroupChoice.SYSTEMD);
    }

    @Test
    void aValueOfAnotherFormIsRefusedByItsKey() {
        assertThatThrownBy(() -> with("drivers.runc.command_timeout", "soon")).isInstanceOf(DriverException.class)
                .hasMessageContaining("drivers.runc.command_timeout");
        assertThatThrownBy(() -> with("drivers.runc.cgroup_driver", "openrc")).isInstanceOf(DriverException.class)
                .hasMessageContaining("drivers.runc.cgroup_driver");
    }
}
