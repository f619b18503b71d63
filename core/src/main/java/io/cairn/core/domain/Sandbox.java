package io.cairn.core.domain;

import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.journal.SandboxResourcesUpdated;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/**
 * A pod sandbox.
 *
 * <pre>
 *   RunIntended ──▶ CREATING ──Ran──▶ READY ──Stopped / StopFailed / Vanished──▶ NOT_READY ──Removed──▶ (gone)
 *                      └──RunFailed, all undone──▶ (gone)                     ▲
 *                      └──RunFailed, something left───────────────────────────┘
 * </pre>
 *
 * @param createdAtNanos wall time of the intent
 * @param networkNamespace path of the pinned namespace; none for a pod in the host's network
 * @param released a stop has given back its network and its namespaces; one that vanished, or could not be undone, may still hold some
 * @param bootId the boot the sandbox was made in: after another boot its namespaces cannot exist
 * @param resources the pod's limits as the kubelet changed them last
 */
public record Sandbox(
        String id,
        PodSandboxConfig config,
        String runtimeHandler,
        String driver,
        Phase phase,
        long createdAtNanos,
        Option<String> networkNamespace,
        Vector<String> ips,
        Option<Pending> pending,
        boolean released,
        String bootId,
        Option<SandboxResourcesUpdated> resources) {

    /** Where a sandbox stands; only READY and NOT_READY are shown to clients. */
    public enum Phase {
        CREATING,
        READY,
        NOT_READY
    }

    public SandboxKey key() {
        return SandboxKey.of(config.getMetadata());
    }

    public NamespaceOption namespaces() {
        return config.getLinux().getSecurityContext().getNamespaceOptions();
    }

    public boolean usesHostNetwork() {
        return namespaces().getNetwork() == NamespaceMode.NODE;
    }

    public boolean isVisible() {
        return phase != Phase.CREATING;
    }

    public boolean isReady() {
        return phase == Phase.READY;
    }

    public Sandbox with(Phase next) {
        return new Sandbox(id, config, runtimeHandler, driver, next, createdAtNanos, networkNamespace, ips, pending, released, bootId, resources);
    }

    /** Stopped, with nothing left that stopping it again could take away. */
    public Sandbox asReleased() {
        return new Sandbox(id, config, runtimeHandler, driver, Phase.NOT_READY, createdAtNanos, networkNamespace, ips, pending, true, bootId, resources);
    }

    public Sandbox with(Option<Pending> next) {
        return new Sandbox(id, config, runtimeHandler, driver, phase, createdAtNanos, networkNamespace, ips, next, released, bootId, resources);
    }

    public Sandbox withNetwork(Option<String> namespace, Vector<String> addresses) {
        return new Sandbox(id, config, runtimeHandler, driver, phase, createdAtNanos, namespace, addresses, pending, released, bootId, resources);
    }

    public Sandbox withResources(SandboxResourcesUpdated next) {
        return new Sandbox(id, config, runtimeHandler, driver, phase, createdAtNanos, networkNamespace, ips, pending, released, bootId,
                Option.some(next));
    }
}
