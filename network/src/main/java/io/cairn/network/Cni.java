package io.cairn.network;

import io.cairn.linux.Namespaces;
import io.cairn.network.AttachmentRecord.Phase;
import io.cairn.network.NetworkException.Kind;
import io.cairn.network.NetworkList.Plugin;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * long as it stays the same between attach and detach (Debian: update-alternatives).
 */
public final class Cni implements PodNetwork {
    private static final Logger LOG = LoggerFactory.getLogger(Cni.class);
    private static final String STATE_VARIABLE = "CAIRN_CNI_STATE_DIR";

    private final CniOptions options;
    private final InstantSource clock;
    private final AttachmentStore store;
    private final PluginRunner runner;
    private final Chain chain;
    private final String bootId;
    private final KeyedLocks<String> pods = new KeyedLocks<>();
    /** Spec, section 3 "Lifecycle": GC excludes everything else. Fair, so that it gets its turn. */
    private final ReentrantReadWriteLock activity = new ReentrantReadWriteLock(true);

    private Cni(CniOptions options, InstantSource clock) throws IOException {
        this.options = options;
        this.clock = clock;
        this.store = new AttachmentStore(options.stateDir());
        this.runner = new PluginRunner(options.pluginDirs(), options.environment().put(STATE_VARIABLE, options.stateDir().toString()));
        this.chain = new Chain(runner, options.pluginTimeout(), options.statusTimeout());
        // Not Files.readString: it begins with a single byte, and /proc/sys need not answer a second read.
        try (var in = Files.newInputStream(Path.of("/proc/sys/kernel/random/boot_id"))) {
            this.bootId = new String(in.readNBytes(64), StandardCharsets.US_ASCII).strip();
        }
    }

    /**
     * Opens the records in {@link CniOptions#stateDir()}, which must not be in use by another process, and ends plugins that a
     * killed predecessor left running: an ADD that finishes after its DEL would leak.
     */
    public static Cni open(CniOptions options, InstantSource clock) throws NetworkException {
        try {
            var cni = new Cni(options, clock);
            cni.endStragglers();
            return cni;
        } catch (IOException e) {
            throw new NetworkException(Kind.SYSTEM, "Cannot open the network state in %s: %s".formatted(options.stateDir(), Text.reason(e)), e);
        }
    }

    /** A process that the ADD of a finished attachment left behind on purpose (a DNS server, say) is none. */
    private void endStragglers() throws IOException {
        var attached = List.<String>empty();
        for (String id : store.ids()) {
            attached = attached.prependAll(store.read(id).filter(r -> r.phase() == Phase.ATTACHED).map(r -> "CNI_CONTAINERID=" + id));
        }
        java.util.Set<String> keep = attached.toJavaSet();
        String ours = STATE_VARIABLE + "=" + options.stateDir();
        int ended = ProcessTree.killByEnvironment(environment -> environment.contains(ours)
                && !(environment.contains("CNI_COMMAND=ADD") && environment.stream().anyMatch(keep::contains)));
        if (ended > 0) {
            LOG.info("Ended {} processes of network plugins that a previous run left behind", ended);
        }
    }

    @Override
    public NetworkStatus status() {
        return CniConfig.load(options.confDir()).fold(NetworkStatus.NotReady::new, this::status);
    }

    private NetworkStatus status(CniConfig.Loaded loaded) {
        NetworkList network = loaded.network();
        try {
            for (Plugin plugin : network.plugins()) {
                runner.require(network.name(), plugin.type());
            }
            if (network.highestVersion().atLeast(CniVersion.V1_1_0)) {
                for (Plugin plugin : network.plugins()) {
                    chain.status(network, plugin);
                }
            }
        } catch (NetworkException e) {
            return new NetworkStatus.NotReady(e.getMessage());
        }
        return new NetworkStatus.Ready(network.name(), network.highestVersion().text(), network.plugins().map(Plugin::type),
                loaded.source().toString(), loaded.notes());
    }

    @Override
    public Attachment attach(AttachRequest request) throws NetworkException {
        Requests.check(request);
        String id = request.pod().sandboxId();
        try (var pod = enter(id)) {
            String identity = identity(request.netns());
            Option<AttachmentRecord> old = store.read(id);
            if (old.exists(r -> r.phase() == Phase.ATTACHED && r.netnsIdentity().equals(identity))) {
                return answer(old.get());
            }
            if (old.isDefined()) {
                LOG.info("Sandbox {}: removing what an earlier attempt to attach it left", id);
                delete(old.get(), true);
            }
            return add(request, identity);
        } catch (IOException e) {
            throw broken("attach", id, e);
        }
    }

    private Attachment add(AttachRequest request, String identity) throws NetworkException, IOException {
        var network = CniConfig.load(options.confDir())
                .getOrElseThrow(reason -> new NetworkException(Kind.NOT_CONFIGURED, "The pod network is not ready: " + reason))
                .network();
        for (Plugin plugin : network.plugins()) {
            runner.require(network.name(), plugin.type());
        }
        var record = new AttachmentRecord(request.pod().sandboxId(), Phase.ADDING, request.netns().toString(), identity,
                arguments(request.pod()), network.withVersion(network.highestVersion()),
                Capabilities.of(request, network.capabilities()), Option.none(), Option.none());
        store.write(record);
        try {
            for (Plugin plugin : network.plugins()) {
                record = record.withResult(chain.add(record, plugin));
                // The next plugin's rules may only be found again through the addresses of this result.
                store.write(plugin == network.plugins().last() ? record.attached() : record);
            }
            return answer(record);
        } catch (NetworkException | IOException | RuntimeException e) {
            undo(record, e);
            throw e;
        }
    }

    private static Attachment answer(AttachmentRecord record) throws NetworkException {
        return CniResult.parse(record.network().name(), record.result().getOrElse(Json::object))
                .getOrElseThrow(reason -> new NetworkException(Kind.BAD_RESULT, "Expected a CNI result of network %s, but: %s"
                        .formatted(record.network().name(), reason)));
    }

    /** An interrupt that ended the attempt must not end its undoing. */
    private void undo(AttachmentRecord record, Exception cause) {
        boolean interrupted = Thread.interrupted();
        try {
            delete(record, true);
        } catch (NetworkException | IOException e) {
            cause.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void detach(DetachRequest request) throws NetworkException {
        Requests.check(request);
        String id = request.pod().sandboxId();
        try (var pod = enter(id)) {
            Option<AttachmentRecord> record = store.read(id);
            if (record.isDefined()) {
                delete(record.get(), true);
                return;
            }
            var loaded = CniConfig.load(options.confDir());
            if (loaded.isRight()) {
                delete(guess(request, loaded.get().network()), false);
            } else {
                LOG.info("Sandbox {}: no record of an attachment and no network to remove it from ({})", id, loaded.getLeft());
            }
            store.delete(id);
        } catch (IOException e) {
            throw broken("detach", id, e);
        }
    }

    private static AttachmentRecord guess(DetachRequest request, NetworkList network) {
        return new AttachmentRecord(request.pod().sandboxId(), Phase.ADDING, request.netns().map(Path::toString).getOrElse(""), "",
                arguments(request.pod()), network.withVersion(network.highestVersion()),
                Capabilities.of(request.portMappings(), network.capabilities()), Option.none(), Option.none());
    }

    /**
     * Runs DEL of every plugin, last first, and forgets the attachment if all succeed. One that fails does not keep the others
     * from cleaning up: DEL may be repeated, a leak may not.
     */
    private void delete(AttachmentRecord record, boolean onRecord) throws NetworkException, IOException {
        String netns = !record.netns().isEmpty() && Namespaces.isNamespaceFile(Path.of(record.netns())) ? record.netns() : "";
        Option<NetworkException> failure = Option.none();
        for (Plugin plugin : record.network().plugins().reverse()) {
            try {
                chain.delete(record, plugin, netns);
            } catch (NetworkException e) {
                if (e.kind() == Kind.PLUGIN_MISSING && (!onRecord || graceIsOver(record))) {
                    LOG.warn("Sandbox {}: passing over what cannot be cleaned up. {}", record.sandboxId(), e.getMessage());
                    continue;
                }
                failure.forEach(e::addSuppressed);
                failure = Option.some(e);
            }
        }
        if (failure.isEmpty()) {
            store.delete(record.sandboxId());
            return;
        }
        if (onRecord && record.blockedSinceMillis().isEmpty() && isMissing(failure.get())) {
            store.write(record.blockedSince(clock.millis()));
        }
        throw failure.get();
    }

    private boolean graceIsOver(AttachmentRecord record) {
        return record.blockedSinceMillis().exists(since -> clock.millis() - since >= options.missingPluginGrace().toMillis());
    }

    private static boolean isMissing(NetworkException failure) {
        return failure.kind() == Kind.PLUGIN_MISSING
                || List.of(failure.getSuppressed()).exists(s -> s instanceof NetworkException e && isMissing(e));
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
    public Set<String> attachments() throws NetworkException {
        try {
            return store.ids();
        } catch (IOException e) {
            throw new NetworkException(Kind.SYSTEM, "Cannot list the network attachments in %s: %s"
                    .formatted(options.stateDir(), Text.reason(e)), e);
        }
    }

    @Override
    public void gc(Set<String> validSandboxIds) throws NetworkException {
        Lock alone = activity.writeLock();
        alone.lock();
        try {
            Option<NetworkException> failure = Option.none();
            for (String id : store.ids().removeAll(validSandboxIds)) {
                failure = first(failure, () -> deleteStale(id));
            }
            var loaded = CniConfig.load(options.confDir()).map(CniConfig.Loaded::network);
            if (loaded.exists(n -> !n.disableGc() && n.highestVersion().atLeast(CniVersion.V1_1_0))) {
                for (Plugin plugin : loaded.get().plugins()) {
                    failure = first(failure, () -> chain.gc(loaded.get(), plugin, validSandboxIds));
                }
            }
            if (failure.isDefined()) {
                throw failure.get();
            }
        } catch (IOException e) {
            throw new NetworkException(Kind.SYSTEM, "Cannot list the network attachments in %s: %s"
                    .formatted(options.stateDir(), Text.reason(e)), e);
        } finally {
            alone.unlock();
        }
    }

    private interface Step {
        void run() throws NetworkException;
    }

    private static Option<NetworkException> first(Option<NetworkException> failure, Step step) {
        try {
            step.run();
            return failure;
        } catch (NetworkException e) {
            failure.forEach(f -> f.addSuppressed(e));
            return failure.orElse(Option.some(e));
        }
    }

    private void deleteStale(String id) throws NetworkException {
        try {
            Option<AttachmentRecord> record = store.read(id);
            if (record.isDefined()) {
                delete(record.get(), true);
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

    /** Inode numbers of nsfs are given out again, at the latest after a reboot; a path alone says even less. */
    private String identity(Path netns) throws NetworkException, IOException {
        if (!Namespaces.isNamespaceFile(netns)) {
            throw new NetworkException(Kind.INVALID_REQUEST, "Expected a network namespace at %s, but there is none".formatted(netns));
        }
        return "%s %s:%s".formatted(bootId, Files.getAttribute(netns, "unix:dev"), Files.getAttribute(netns, "unix:ino"));
    }

    private static String arguments(PodIdentity pod) {
        return "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=%s"
                .formatted(pod.namespace(), pod.name(), pod.sandboxId(), pod.uid());
    }

    private static NetworkException broken(String what, String id, IOException e) {
        return new NetworkException(Kind.SYSTEM, "Cannot %s sandbox %s: %s".formatted(what, id, Text.reason(e)), e);
    }
}
