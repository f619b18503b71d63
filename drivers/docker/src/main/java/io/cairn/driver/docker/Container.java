package io.cairn.driver.docker;

import io.cairn.driver.host.Cgroups;
import io.cairn.driver.host.ContainerRecord;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;

/** A whole container as its files have it at one moment. */
record Container(DockerFiles files, ContainerRecord record, Option<StartRecord> started) {
    /** None when its creation was never finished. */
    static Option<Container> read(DockerFiles files) throws IOException {
        Option<ContainerRecord> record = ContainerRecord.read(files.record());
        return record.isEmpty() ? Option.none() : Option.some(new Container(files, record.get(), StartRecord.read(files.started())));
    }

    String id() {
        return files.id();
    }

    /** The engine's own id of it. */
    String engineId() {
        return EngineCgroups.engineId(record.cgroupsPath());
    }

    Cgroups cgroups() throws IOException {
        return EngineCgroups.of(record.cgroupsPath());
    }
}
