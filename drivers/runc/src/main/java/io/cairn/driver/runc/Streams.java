package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.StreamBackend;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.Requests;
import io.cairn.linux.Descriptor;
import io.cairn.linux.LinuxException;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients at the containers of this driver. */
record Streams(Backend backend) implements StreamBackend {
    private static final long REOPEN_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    @Override
    public Session openExec(ExecSpec spec, Stdio stdio) throws DriverException {
        return new ExecOpening(backend).open(spec, stdio);
    }

    @Override
    public Session attach(String containerId, Stdio stdio) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(containerId));
        try {
            Container container = Execs.running(files, "attach to");
            Descriptor socket = Descriptor.connect(backend.poller(), files.attachSocket());
            return new Attachment(new ConmonStreams(socket, stdio), container.record().terminal() ? Option.some(files.control()) : Option.none());
        } catch (IOException e) {
            throw Failures.io("Cannot attach to container " + containerId, e);
        }
    }

    /** conmon ends when it cannot open the new file, and takes the place of a file that is there: neither may come to that. */
    @Override
    public void reopenLog(String containerId) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(containerId));
        try {
            Option<Path> log = Execs.running(files, "reopen the log of").record().log();
            if (log.isEmpty() || Files.exists(log.get())) {
                return;
            }
            if (!Files.isDirectory(log.get().getParent())) {
                throw Failures.failed("Cannot reopen the log of container %s: its directory %s is not there", containerId,
                        log.get().getParent());
            }
            Descriptor.tell(files.control(), "2 0 0\n");
            awaitFile(log.get(), containerId);
        } catch (LinuxException e) {
            throw Failures.failed("Cannot reopen the log of container %s: its monitor does not listen: %s", containerId, e.getMessage());
        } catch (IOException e) {
            throw Failures.io("Cannot reopen the log of container " + containerId, e);
        }
    }

    private static void awaitFile(Path log, String containerId) throws DriverException {
        long deadline = System.nanoTime() + REOPEN_NANOS_MAX;
        while (!Files.exists(log)) {
            if (System.nanoTime() - deadline >= 0) {
                throw Failures.failed("Cannot reopen the log of container %s: its monitor was told, but %s does not come", containerId, log);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
