package io.cairn.driver.containerd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;

/** What verbose status shows of a container, in the field names that people know from other runtimes. */
record Inspection(Backend backend) {
    Option<String> inspect(String id) throws IOException {
        Option<Container> found = Container.read(backend.layout().container(id));
        if (found.isEmpty()) {
            return Option.none();
        }
        Container container = found.get();
        var runtime = backend.runtimes().ofOrStandard(container.record().handler());
        ObjectNode info = FileTrees.JSON.createObjectNode()
                .put("sandboxID", container.record().sandboxId())
                .put("pid", container.started().map(s -> s.process().pid()).getOrElse(0L))
                .put("shimPid", container.started().flatMap(StartRecord::monitor).map(ProcessRef::pid).getOrElse(0L))
                .put("rootfsPath", container.files().rootfs().toString())
                .put("snapshotter", backend.roots().images().snapshots().snapshotter())
                .put("snapshotKey", id)
                .put("runtimeHandler", container.record().handler())
                .put("runtimeType", runtime.name())
                .put("containerdNamespace", backend.containerd().namespace());
        var cgroups = info.putArray("cgroups");
        container.cgroups().dirs().forEach(d -> cgroups.add(d.toString()));
        FileTrees.readObject(container.files().spec()).forEach(spec -> info.set("runtimeSpec", spec));
        return Option.some(info.toString());
    }
}
