package io.cairn.network;

import io.cairn.network.AttachmentRecord.Phase;
import io.cairn.network.NetworkException.Kind;
import io.cairn.network.NetworkList.Plugin;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link PodNetwork} by CNI plugins, spec 1.0 and 1.1, with configurations from 0.3.0 on. The interface in the pod is
 * {@code eth0}; {@code lo} needs no plugin, see {@link PodNamespaces}.
 *
 * <p>A record of each attachment is on stable storage before its first plugin runs and before it is answered
 * ({@link AttachmentRecord}): what a crash leaves is undone with the very configuration it was made with.
 *
 * <p>Facts to know: the bridge plugin finds the masquerading rules to remove by the addresses in the namespace, so detach
 * before unpinning. portmap and masquerading call {@code iptables}; whether that is the nft or the legacy one does not matter as
 * long as it stays the same between attach and detach (Debian: update-alternatives). The portmap of Debian 12 (1.1.1) fails
 * every CHECK of a pod with host ports: it looks for the IPv4 rules in the IPv6 tables.
 */
public final class Cni implements PodNetwork {
    private static final Logger LOG = LoggerFactory.getLogger(Cni.class);
    private static final Duration STRAGGLER_PATIENCE_MAX = Duration.ofSeconds(5);

    private final CniOptions options;
    private final AttachmentStore store;
    private final PluginRunner runner;
    private final Versions versions;
    private final Chain chain;
    private final Attachments attachments;
    private final KeyedLocks<String> pods = new KeyedLocks<>();
    /** Spec, section 3 "Lifecycle": GC excludes everything else. Fair, so that it gets its turn. */
    private final ReentrantReadWriteLock activity = new ReentrantReadWriteLock(true);

    private Cni(CniOptions options, InstantSource clock) throws IOException {
        this.options = options;
        this.store = new AttachmentStore(options.stateDir());
        this.runner = new PluginRunner(options.pluginDirs(), options.environment(), options.stateDir());
        this.versions = new Versions(runner, options.statusTimeout());
        this.chain = new Chain(runner, options.pluginTimeout(), options.statusTimeout());
        this.attachments = new Attachments(store, chain, options.missingPluginGrace(), clock);
    }

    /**
     * Opens the records in {@link CniOptions#stateDir()}, which must not be in use by another process, and sees to it that plugins
     * which a killed predecessor left running have ended (5 s at most, then they are killed): an ADD that finishes after its DEL
     * would leak.
     */
    public static Cni open(CniOptions options, InstantSource clock) throws NetworkException {
        try {
            var cni = new Cni(options, clock);
            cni.endStragglers();
            return cni;
        } catch (IOException e) {
            throw new NetworkException(Kind.SYSTEM,
                    "Cannot open the network state in %s: %s".formatted(options.stateDir(), Text.reason(e)), e);
        }
    }

    /** A process that the ADD of a finished attachment left behind on purpose (a DNS server, say) is none. */
    private void endStragglers() throws IOException {
        var attached = List.<String>empty();
        for (String id : store.ids()) {
            attached = attached.prependAll(store.read(id).filter(r -> r.phase() == Phase.ATTACHED).map(r -> "CNI_CONTAINERID=" + id));
        }
        java.util.Set<String> keep = attached.toJavaSet();
        Duration timeout = options.pluginTimeout();
        Duration patience = timeout.compareTo(STRAGGLER_PATIENCE_MAX) < 0 ? timeout : STRAGGLER_PATIENCE_MAX;
        int ended = ProcessTree.endByEnvironment(runner.mark(),
                environment -> !(environment.contains("CNI_COMMAND=ADD") && environment.stream().anyMatch(keep::contains)), patience);
        if (ended > 0) {
            LOG.info("Ended {} processes of network plugins that a previous run left behind", ended);
        }
    }

    @Override
    public NetworkStatus status() {
        return CniConfig.load(options.confDir()).fold(NetworkStatus.NotReady::new, this::status);
    }

    private NetworkStatus status(CniConfig.Loaded loaded) {
        NetworkList network;
        try {
            network = usable(loaded.network());
            for (Plugin plugin : network.plugins()) {
                Option<String> objection = versions.objection(network, plugin);
                if (objection.isDefined()) {
                    return new NetworkStatus.NotReady(objection.get());
                }
                if (network.highestVersion().atLeast(CniVersion.V1_1_0)) {
                    chain.status(network, plugin);
                }
            }
        } catch (NetworkException e) {
            return new NetworkStatus.NotReady(e.getMessage());
        }
        return new NetworkStatus.Ready(network.name(), network.highestVersion().text(), network.plugins().map(Plugin::type),
                loaded.source().toString(), loaded.notes());
    }

    /** All of its plugins are there, and its version is chosen. */
    private NetworkList usable(NetworkList network) throws NetworkException {
        for (Plugin plugin : network.plugins()) {
            runner.require(network.name(), plugin.type());
        }
        return versions.choose(network);
    }

    @Override
    public Attachment attach(AttachRequest request) throws NetworkException {
        Requests.check(request);
        String id = request.pod().sandboxId();
        try (var pod = enter(id)) {
            String identity = attachments.identity(request.netns()).getOrElseThrow(() -> new NetworkException(Kind.INVALID_REQUEST,
                    "Expected a network namespace at %s, but there is none".formatted(request.netns())));
            Option<AttachmentRecord> old = store.read(id);
            if (old.exists(r -> r.phase() == Phase.ATTACHED && r.netnsIdentity().equals(identity))) {
                return Attachments.answer(old.get());
            }
            if (old.isDefined()) {
                LOG.info("Sandbox {}: removing what an earlier attempt to attach it left", id);
                attachments.delete(old.get());
            }
            NetworkList network = CniConfig.load(options.confDir())
                    .getOrElseThrow(reason -> new NetworkException(Kind.NOT_CONFIGURED, "The pod network is not ready: " + reason))
                    .network();
            return attachments.add(request, identity, usable(network));
        } catch (IOException e) {
            throw broken("attach", id, e);
        }
    }

    @Override
    public void detach(DetachRequest request) throws NetworkException {
        Requests.check(request);
        String id = request.pod().sandboxId();
        try (var pod = enter(id)) {
            Option<AttachmentRecord> record = store.read(id);
            if (record.isDefined()) {
                attachments.delete(record.get());
                return;
            }
            var loaded = CniConfig.load(options.confDir());
            if (loaded.isRight()) {
                attachments.deleteUnrecorded(request, versions.choose(loaded.get().network()));
            } else {
                LOG.info("Sandbox {}: no record of an attachment and no network to remove it from ({})", id, loaded.getLeft());
            }
            store.delete(id);
        } catch (IOException e) {
            throw broken("detach", id, e);
        }
    }

    @Override
    public void check(String sandboxId) throws NetworkException {
        Requests.checkId(sandboxId);
        try (var pod = enter(sandboxId)) {
            AttachmentRecord record = store.read(sandboxId).filter(r -> r.phase() == Phase.ATTACHED)
                    .getOrElseThrow(() -> new NetworkException(Kind.INVALID_REQUEST, "Sandbox %s is not attached".formatted(sandboxId)));
            if (record.network().disableCheck() || !record.version().atLeast(CniVersion.V0_4_0)) {
                return;
            }
            for (Plugin plugin : record.network().plugins()) {
                chain.check(record, plugin);
            }
        } catch (IOException e) {
            throw broken("check", sandboxId, e);
        }
    }

    @Override
    public Configured configure(List<String> podRanges) {
        return options.template().<Configured>map(template -> new ConfFile(options.confDir(), template).make(podRanges))
                .getOrElse(() -> new Configured.NotNeeded("no template is set (network.conf_template), configurations come from elsewhere"));
    }

    @Override
    public Set<String> attachments() throws NetworkException {
        try {
            return store.ids();
        } catch (IOException e) {
            throw broken("list", "all", e);
        }
    }

    @Override
    public void gc(Set<String> validSandboxIds) throws NetworkException {
        for (String id : validSandboxIds) {
            Requests.checkId(id);
        }
        Lock alone = activity.writeLock();
        alone.lock();
        try {
            var failures = new Failures();
            for (String id : attachments().removeAll(validSandboxIds)) {
                failures.note(() -> deleteStale(id));
            }
            var network = CniConfig.load(options.confDir()).map(loaded -> versions.choose(loaded.network()));
            if (network.exists(n -> !n.disableGc() && n.highestVersion().atLeast(CniVersion.V1_1_0))) {
                network.get().plugins().forEach(plugin -> failures.note(() -> chain.gc(network.get(), plugin, validSandboxIds)));
            }
            failures.raise();
        } finally {
            alone.unlock();
        }
    }

    private void deleteStale(String id) throws NetworkException {
        try {
            Option<AttachmentRecord> record = store.read(id);
            if (record.isDefined()) {
                attachments.delete(record.get());
            } else {
                store.delete(id);
            }
        } catch (IOException e) {
            throw broken("collect", id, e);
        }
    }

    private KeyedLocks.Held enter(String id) {
        Lock shared = activity.readLock();
        shared.lock();
        KeyedLocks.Held pod = pods.lock(id);
        return () -> {
            pod.close();
            shared.unlock();
        };
    }

    private NetworkException broken(String what, String id, IOException e) {
        return new NetworkException(Kind.SYSTEM, "Cannot %s sandbox %s (records in %s): %s"
                .formatted(what, id, options.stateDir(), Text.reason(e)), e);
    }
}
