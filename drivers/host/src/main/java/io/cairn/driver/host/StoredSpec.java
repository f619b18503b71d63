package io.cairn.driver.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.oci.OciSpec;
import io.cairn.oci.ResourceUpdate;
import io.cairn.oci.SpecProblem;
import io.vavr.collection.List;
import io.vavr.control.Either;
import java.io.IOException;

/** A container's OCI spec, config.json, after the container was made. */
public final class StoredSpec {
    /** What an update changes; device rules are no limits and stay. */
    private static final List<String> CHANGED = List.of("memory", "cpu", "hugepageLimits", "unified");

    private StoredSpec() {}

    /**
     * The process of a command: it gets everything the container's own process has, but its arguments.
     *
     * @return JSON of the OCI runtime specification's process
     */
    public static byte[] process(ContainerFiles files, ExecSpec spec, boolean terminal) throws IOException, DriverException {
        Either<SpecProblem, byte[]> process = OciSpec.parse(FileTrees.read(files.spec()).getOrElse(new byte[0]))
                .flatMap(stored -> io.cairn.oci.ExecSpec.of(stored, spec.command().toList(), terminal)).map(io.cairn.oci.ExecSpec::toJson);
        return process.getOrElseThrow(problem -> Failures.invalid("Cannot run a command in container %s: %s", spec.containerId(),
                problem.message()));
    }

    /** From now on it says that these limits are in force. */
    public static void setLimits(ContainerFiles files, ResourceUpdate update) throws IOException, DriverException {
        ObjectNode spec = FileTrees.readObject(files.spec())
                .getOrElseThrow(() -> Failures.failed("Cannot update container %s: %s is no JSON object", files.id(), files.spec()));
        ObjectNode resources = spec.withObjectProperty("linux").withObjectProperty("resources");
        JsonNode changes = FileTrees.JSON.readTree(update.toJson());
        for (String field : CHANGED) {
            if (changes.has(field)) {
                resources.set(field, changes.get(field));
            }
        }
        FileTrees.write(files.spec(), spec);
    }
}
