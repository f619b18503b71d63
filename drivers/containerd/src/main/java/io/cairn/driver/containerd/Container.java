package io.cairn.driver.containerd;

import io.cairn.driver.containerd.io.OutputSpec;
import io.cairn.driver.host.Cgroups;
import io.cairn.driver.host.ContainerRecord;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/** A whole container as its files have it at one moment. */
record Container(ContainerdFiles files, ContainerRecord record, Option<StartRecord> started) {
    /** None when its creation was never finished. */
    static Option<Container> read(ContainerdFiles files) throws IOException {
        Option<ContainerRecord> record = ContainerRecord.read(files.record());
        return record.isEmpty() ? Option.none() : Option.some(new Container(files, record.get(), StartRecord.read(files.started())));
    }

    String id() {
        return files.id();
    }

    /** Its processes come from an archive. */
    boolean isRestored() {
        return Files.exists(files.restored());
    }

    Cgroups cgroups() throws IOException {
        return Cgroups.at(record.cgroupsPath(), files.id());
    }

    OutputSpec output() {
        return new OutputSpec(files.id(), files.output(), record.log(), record.terminal(), record.stdin(), record.stdinOnce());
    }
}
