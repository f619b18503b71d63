package io.cairn.driver.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.driver.host.FileTrees;
import io.vavr.control.Option;
import java.io.IOException;

/** What verbose status shows of a container, in the field names that people know from other runtimes; the engine need not be asked. */
record Inspection(Backend backend) {
    Option<String> inspect(String id) throws IOException {
        Option<Container> found = Container.read(backend.layout().container(id));
        if (found.isEmpty()) {
            return Option.none();
        }
        Container container = found.get();
        ObjectNode info = FileTrees.JSON.createObjectNode()
                .put("sandboxID", container.record().sandboxId())
                .put("pid", container.started().map(s -> s.process().pid()).getOrElse(0L))
                .put("dockerID", container.engineId())
                .put("dockerName", id)
                .put("runtimeHandler", container.record().handler());
        var cgroups = info.putArray("cgroups");
        container.cgroups().dirs().forEach(d -> cgroups.add(d.toString()));
        FileTrees.readObject(container.files().spec()).forEach(spec -> info.set("runtimeSpec", spec));
        return Option.some(info.toString());
    }
}
