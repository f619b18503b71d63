package io.cairn.driver.runc;

import io.cairn.driver.runc.Layout.ContainerFiles;
import io.vavr.control.Option;
import java.io.IOException;

/** A whole container as its files have it at one moment. */
record Container(ContainerFiles files, ContainerRecord record, Option<StartRecord> started) {
    /** None when its creation was never finished. */
    static Option<Container> read(ContainerFiles files) throws IOException {
        Option<ContainerRecord> record = ContainerRecord.read(files.record());
        return record.isEmpty() ? Option.none()
                : Option.some(new Container(files, record.get(), StartRecord.read(files.started())));
    }

    Cgroups cgroups() throws IOException {
        return Cgroups.at(record.cgroupsPath(), files.id());
    }
}
