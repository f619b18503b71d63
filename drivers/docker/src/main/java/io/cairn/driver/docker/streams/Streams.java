package io.cairn.driver.docker.streams;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.StreamBackend;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.Layout;
import io.cairn.proto.journal.Failure;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import java.io.IOException;

/** Clients at the containers of this driver. */
public record Streams(Engine engine, Layout layout) implements StreamBackend {
    @Override
    public Session openExec(ExecSpec spec, Stdio stdio) throws DriverException {
        return new Execs(engine, layout).open(spec, stdio);
    }

    @Override
    public Session attach(String containerId, Stdio stdio) throws DriverException {
        try {
            return Attachment.open(engine, RunningContainer.require(layout, containerId, "attach to"), stdio);
        } catch (IOException e) {
            throw Failures.io("Cannot attach to container " + containerId, e);
        }
    }

    /** The engine keeps its log open for as long as the container runs, wherever it is moved, and has no call to begin another. */
    @Override
    public void reopenLog(String containerId) throws DriverException {
        throw Failures.of(Failure.Kind.UNSUPPORTED, """
                Cannot reopen the log of container %s: the driver docker cannot, since the Docker Engine writes it and moves it away by itself. \
                Set "log-opts": {"max-size": "10m", "max-file": "5"} with "log-driver": "json-file" in the engine's daemon.json\
                """, containerId);
    }
}
