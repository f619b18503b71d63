package io.cairn.driver.containerd;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.driver.host.DriverContract;
import io.cairn.testkit.ContainerdProcess;
import io.vavr.collection.HashMap;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, by Debian's containerd. */
class ContainerdDriverTest extends DriverContract {
    private ContainerdProcess containerd;

    static DriverContext context(Path directory, Path socket) throws Exception {
        Path state = Files.createDirectories(directory.resolve("state"));
        Path run = Files.createDirectories(directory.resolve("run"));
        return new DriverContext(state, run, hostSettings(directory).merge(HashMap.of(
                "drivers.containerd.address", socket.toString(), "drivers.containerd.namespace", "cairn",
                "drivers.containerd.snapshotter", "overlayfs", "drivers.containerd.runtime", Runtimes.RUNC,
                "drivers.containerd.restore_images", "on",
                "drivers.containerd.cgroup_driver", "auto", "drivers.containerd.call_timeout", "30s")), HashMap.empty());
    }

    /** Apart from the driver's directory, below which nothing may be left. */
    @Override
    @BeforeAll
    protected void openDriver(@TempDir Path directory) throws Exception {
        containerd = ContainerdProcess.start(Files.createTempDirectory("cairn-containerd-").resolve("c"));
        super.openDriver(directory);
    }

    @AfterAll
    void stopContainerd() throws Exception {
        Path root = containerd.socket().getParent().getParent();
        containerd.close();
        Files.delete(root);
    }

    @Override
    protected Driver open(Path directory) throws Exception {
        return new ContainerdDriverProvider().open(context(directory, containerd.socket()));
    }
}
