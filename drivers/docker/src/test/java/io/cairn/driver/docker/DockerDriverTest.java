package io.cairn.driver.docker;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.DriverContract;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, by Debian's Docker Engine. */
class DockerDriverTest extends DriverContract {
    @RegisterExtension
    private final TestEngine engine = new TestEngine(true);

    @Override
    protected Driver open(Path directory) throws Exception {
        return engine.open(directory);
    }

    /** The engine cannot have a container join the UTS namespace of another: each has one of its own, with the same name in it. */
    @Override
    protected List<String> sharedNamespaces() {
        return List.of("net", "ipc");
    }

    /** They are the engine's, which takes them away with the container. */
    @Override
    protected boolean logsOutliveContainers() {
        return false;
    }

    @Override
    protected List<String> programs() throws Exception {
        return host.processes().stream().filter(process -> !process.endsWith(" /init")).toList();
    }

    @Override
    protected String log(SandboxSpec pod, String container) throws Exception {
        return JsonLog.asCri(logs().resolve(pod.id()).resolve(container + ".log"));
    }
}
