package io.cairn.core.driver;

import io.cairn.proto.cri.ContainerConfig;

/**
 * A container to be made.
 *
 * @param sandbox the sandbox it belongs to, prepared already
 * @param imageId id of an image this driver holds
 */
public record ContainerSpec(String id, SandboxSpec sandbox, ContainerConfig config, String imageId) {}
