package io.cairn.driver.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    private Path directory;

    private Settings withArguments(String arguments) throws Exception {
        DriverContext plain = ContainerdDriverTest.context(directory, Path.of("/run/containerd.sock"));
        return Settings.of(new DriverContext(plain.stateDirectory(), plain.runDirectory(), plain.settings(),
                HashMap.of("kept-apart", HashMap.of("runtime", "auto", "runtime_args", arguments))));
    }

    @Test
    void argumentsThatContainerdCannotGiveToAnOciRuntimeAreRefused() throws Exception {
        assertThat(withArguments("").address()).isEqualTo(Path.of("/run/containerd.sock"));
        assertThatThrownBy(() -> withArguments("--systemd-cgroup,--debug")).isInstanceOfSatisfying(DriverException.class, e -> {
            assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID);
            assertThat(e.getMessage()).contains("runtime_handlers.kept-apart.runtime_args", "--systemd-cgroup,--debug",
                    "runtime_handlers.kept-apart.runtime ");
        });
    }
}
