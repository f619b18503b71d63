package io.cairn.driver.docker.streams;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Cgroups;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.ContainerRecord;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.Layout;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;

/**
 * A container that runs, by its files and its process: the engine need not be asked.
 *
 * @param process its main one
 */
record RunningContainer(ContainerRecord record, ProcessRef process) {
    /** @param what is to be done with it, for the message */
    static RunningContainer require(Layout layout, String id, String what) throws IOException, DriverException {
        ContainerFiles files = layout.container(Requests.id(id));
        ContainerRecord record = ContainerRecord.read(files.record())
                .getOrElseThrow(() -> Failures.notFound("There is no container %s to %s", id, what));
        Option<ProcessRef> process = StartRecord.read(files.started()).map(StartRecord::process);
        if (process.isEmpty() || !process.get().isAlive()) {
            throw Failures.failed("Cannot %s container %s: it does not run", what, id);
        }
        return new RunningContainer(record, process.get());
    }

    /** The engine's own id of it. */
    String engineId() {
        return engineId(record.cgroupsPath());
    }

    private static String engineId(String cgroupsPath) {
        return cgroupsPath.substring(Math.max(cgroupsPath.lastIndexOf('/'), cgroupsPath.lastIndexOf(':')) + 1);
    }

    static Cgroups cgroups(String cgroupsPath) throws IOException {
        return Cgroups.at(cgroupsPath, engineId(cgroupsPath));
    }
}
