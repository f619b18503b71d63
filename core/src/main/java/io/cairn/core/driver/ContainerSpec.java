package io.cairn.core.driver;

import io.cairn.proto.cri.ContainerConfig;
import io.vavr.control.Option;

/**
 * A container to be made.
 *
 * @param sandbox the sandbox it belongs to, prepared already
 * @param imageId id of an image this driver holds
 * @param checkpoint what processes are to go on in it from: absolute path of an archive, or id of an image that is one
 */
public record ContainerSpec(String id, SandboxSpec sandbox, ContainerConfig config, String imageId, Option<String> checkpoint) {
    /** One whose program begins anew. */
    public ContainerSpec(String id, SandboxSpec sandbox, ContainerConfig config, String imageId) {
        this(id, sandbox, config, imageId, Option.none());
    }
}
