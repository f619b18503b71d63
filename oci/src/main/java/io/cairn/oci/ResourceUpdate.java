package io.cairn.oci;

import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.List;
import io.vavr.control.Either;

/**
 * New limits for a running container: what {@code runc update --resources} and containerd's task service take. What is not
 * asked stays as it is. An OOM score cannot be changed this way and is passed over, as the CRI's other runtimes do.
 */
public record ResourceUpdate(OciSpec.Resources resources, List<Clamp> clamps) {
    public static Either<SpecProblem, ResourceUpdate> of(LinuxContainerResources asked, HostFacts host) {
        return Refused.catching(() -> {
            var clamps = new Clamps();
            OciSpec.Resources resources = new ResourcePlan(host, clamps).plan(asked, List.empty());
            return new ResourceUpdate(resources, clamps.all());
        });
    }

    /** The bytes of the resources file; an object without fields when nothing is to be changed. */
    public byte[] toJson() {
        return Json.bytes(SpecWriter.resources(resources));
    }
}
