package io.cairn.core.domain;

import io.cairn.proto.cri.ContainerMetadata;

/** What the kubelet calls a container: a retry of CreateContainer carries the same key. */
public record ContainerKey(String sandboxId, String name, int attempt) {
    public static ContainerKey of(String sandboxId, ContainerMetadata metadata) {
        return new ContainerKey(sandboxId, metadata.getName(), metadata.getAttempt());
    }
}
