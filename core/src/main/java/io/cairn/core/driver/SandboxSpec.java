package io.cairn.core.driver;

import io.cairn.proto.cri.PodSandboxConfig;

/** A sandbox to be made. */
public record SandboxSpec(String id, PodSandboxConfig config, String runtimeHandler) {}
