package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.StreamBackend;
import io.cairn.driver.containerd.io.Output;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.Requests;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import java.io.IOException;

/** Clients at the containers of this driver. */
record Streams(Backend backend) implements StreamBackend {
    @Override
    public Session openExec(ExecSpec spec, Stdio stdio) throws DriverException {
        return new Execs(backend).open(spec, stdio);
    }

    @Override
    public Session attach(String containerId, Stdio stdio) throws DriverException {
        try {
            return output(containerId, "attach to").attach(stdio);
        } catch (IOException e) {
            throw Failures.io("Cannot attach to container " + containerId, e);
        }
    }

    @Override
    public void reopenLog(String containerId) throws DriverException {
        try {
            output(containerId, "reopen the log of").reopenLog();
        } catch (IOException e) {
            throw Failures.io("Cannot reopen the log of container " + containerId, e);
        }
    }

    private Output output(String containerId, String what) throws IOException, DriverException {
        Container container = Execs.running(backend.layout().container(Requests.id(containerId)), what);
        return backend.outputs().find(container.id())
                .getOrElseThrow(() -> Failures.failed("Cannot %s container %s: its output could not be opened", what, containerId));
    }
}
