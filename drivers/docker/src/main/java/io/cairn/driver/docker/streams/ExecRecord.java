package io.cairn.driver.docker.streams;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A command as the next daemon must know it to end it. The engine takes no name for a command and gives it an id of its own, which it has
 * forgotten, like the command's process, when it was started anew. So the id is on record before the command is begun, and the process as
 * soon as there is one. In the run-time directory: the process does not outlive the boot either.
 *
 * @param engineId the engine's id of it
 * @param cgroupsPath of its container, as in the OCI spec
 * @param process none when it was not heard of
 */
record ExecRecord(String engineId, String cgroupsPath, Option<ProcessRef> process) {
    static Path directory(ContainerFiles files) {
        return files.run().resolve("exec");
    }

    static Path file(ContainerFiles files, String execId) throws DriverException {
        return directory(files).resolve(Requests.id(execId));
    }

    static Option<ExecRecord> read(Path file) throws IOException {
        return FileTrees.readObject(file).map(o -> new ExecRecord(o.path("engine_id").asText(), o.path("cgroups_path").asText(),
                ProcessRef.read(o.path("process"))));
    }

    void write(Path file) throws IOException {
        FileTrees.directory(file.getParent());
        ObjectNode json = FileTrees.JSON.createObjectNode().put("engine_id", engineId).put("cgroups_path", cgroupsPath);
        process.forEach(p -> json.set("process", p.toJson()));
        FileTrees.write(file, json);
    }

    ExecRecord with(ProcessRef known) {
        return new ExecRecord(engineId, cgroupsPath, Option.some(known));
    }
}
