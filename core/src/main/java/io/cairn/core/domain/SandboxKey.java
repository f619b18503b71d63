package io.cairn.core.domain;

import io.cairn.proto.cri.PodSandboxMetadata;

/** What the kubelet calls a sandbox: a retry of RunPodSandbox carries the same key. */
public record SandboxKey(String namespace, String name, String uid, int attempt) {
    public static SandboxKey of(PodSandboxMetadata metadata) {
        return new SandboxKey(metadata.getNamespace(), metadata.getName(), metadata.getUid(), metadata.getAttempt());
    }

    @Override
    public String toString() {
        return "%s/%s (uid %s, attempt %d)".formatted(namespace, name, uid, attempt);
    }
}
