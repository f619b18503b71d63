package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;

/** What verbose status shows of a container, in the field names that people know from other runtimes. */
record Inspection(Backend backend) {
    Option<String> inspect(String id) throws IOException {
        RuncFiles files = backend.layout().container(id);
        Option<Container> found = Container.read(files);
        if (found.isEmpty()) {
            return Option.none();
        }
        Container container = found.get();
        OciRuntime runtime = backend.runtimes().ofOrStandard(container.record().handler());
        ObjectNode info = FileTrees.JSON.createObjectNode()
                .put("sandboxID", container.record().sandboxId())
                .put("pid", container.started().map(s -> s.process().pid()).getOrElse(0L))
                .put("conmonPid", container.started().flatMap(StartRecord::monitor).map(ProcessRef::pid).getOrElse(0L))
                .put("bundlePath", files.bundle().toString())
                .put("rootfsPath", files.rootfs().toString())
                .put("snapshotter", "overlayfs")
                .put("snapshotKey", id)
                .put("runtimeHandler", container.record().handler())
                .put("runtimeType", runtime.binary().toString())
                .put("attachSocket", files.bundle().resolve("attach").toString());
        var cgroups = info.putArray("cgroups");
        container.cgroups().dirs().forEach(d -> cgroups.add(d.toString()));
        FileTrees.readObject(files.spec()).forEach(spec -> info.set("runtimeSpec", spec));
        return Option.some(info.toString());
    }
}
