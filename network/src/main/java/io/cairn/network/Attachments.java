package io.cairn.network;

import io.cairn.linux.Namespaces;
import io.cairn.network.AttachmentRecord.Phase;
import io.cairn.network.NetworkException.Kind;
import io.cairn.network.NetworkList.Plugin;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and removes attachments together with their records, see {@link AttachmentRecord}. Callers serialise per sandbox. */
final class Attachments {
    private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);

    private final AttachmentStore store;
    private final Chain chain;
    private final Duration missingPluginGrace;
    private final InstantSource clock;
    private final String bootId;

    Attachments(AttachmentStore store, Chain chain, Duration missingPluginGrace, InstantSource clock) throws IOException {
        this.store = store;
        this.chain = chain;
        this.missingPluginGrace = missingPluginGrace;
        this.clock = clock;
        // Not Files.readString: it begins with a single byte, and /proc/sys need not answer a second read.
        try (var in = Files.newInputStream(Path.of("/proc/sys/kernel/random/boot_id"))) {
            this.bootId = new String(in.readNBytes(64), StandardCharsets.US_ASCII).strip();
        }
    }

    /** Inode numbers of nsfs are given out again, at the latest after a reboot; a path alone says even less. */
    Option<String> identity(Path netns) throws IOException {
        return Namespaces.isNamespaceFile(netns)
                ? Option.some("%s %s:%s".formatted(bootId, Files.getAttribute(netns, "unix:dev"), Files.getAttribute(netns, "unix:ino")))
                : Option.none();
    }

    Attachment add(AttachRequest request, String netnsIdentity, NetworkList network) throws NetworkException, IOException {
        var record = new AttachmentRecord(request.pod().sandboxId(), Phase.ADDING, request.netns().toString(), netnsIdentity,
                arguments(request.pod()), network, Capabilities.of(request, network.capabilities()), Option.none(), Option.none());
        store.write(record);
        try {
            for (Plugin plugin : network.plugins().init()) {
                record = record.withResult(chain.add(record, plugin));
                // The next plugin's rules may only be found again through the addresses of this result.
                store.noteProgress(record.sandboxId(), record.result().get());
            }
            record = record.withResult(chain.add(record, network.plugins().last()));
            Attachment attachment = answer(record);
            store.write(record.attached());
            return attachment;
        } catch (NetworkException | IOException | RuntimeException e) {
            undo(record, e);
            throw e;
        }
    }

    static Attachment answer(AttachmentRecord record) throws NetworkException {
        return CniResult.parse(record.network().name(), record.result().getOrElse(Json::object))
                .getOrElseThrow(reason -> new NetworkException(Kind.BAD_RESULT, "Expected a CNI result of network %s, but: %s"
                        .formatted(record.network().name(), reason)));
    }

    /** An interrupt that ended the attempt must not end its undoing. */
    private void undo(AttachmentRecord record, Exception cause) {
        boolean interrupted = Thread.interrupted();
        try {
            delete(record);
        } catch (NetworkException | IOException e) {
            cause.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Runs DEL of every plugin, last first, and forgets the attachment if all succeed. Where a plugin's file has been missing for
     * too long it is passed over.
     */
    void delete(AttachmentRecord record) throws NetworkException, IOException {
        String netns = identity(Path.of(record.netns())).contains(record.netnsIdentity()) ? record.netns() : "";
        boolean passOver = record.blockedSinceMillis().exists(since -> clock.millis() - since >= missingPluginGrace.toMillis());
        Failures failures = delete(record, netns, passOver);
        if (failures.first().exists(Attachments::isMissing) && record.blockedSinceMillis().isEmpty()) {
            store.write(record.blockedSince(clock.millis()));
        }
        failures.raise();
        store.delete(record.sandboxId());
    }

    /** For a sandbox without a record: what the node's network would have done to it, as far as its plugins are there. */
    void deleteUnrecorded(DetachRequest request, NetworkList network) throws NetworkException, IOException {
        String netns = request.netns().isDefined() && identity(request.netns().get()).isDefined() ? request.netns().get().toString() : "";
        var record = new AttachmentRecord(request.pod().sandboxId(), Phase.ADDING, netns, "", arguments(request.pod()), network,
                Capabilities.of(request.portMappings(), network.capabilities()), Option.none(), Option.none());
        delete(record, netns, true).raise();
    }

    /** One plugin that fails does not keep the others from cleaning up: DEL may be repeated, a leak may not. */
    private Failures delete(AttachmentRecord record, String netns, boolean passOverMissing) {
        var failures = new Failures();
        record.network().plugins().reverse().forEach(plugin -> failures.note(() -> {
            try {
                chain.delete(record, plugin, netns);
            } catch (NetworkException e) {
                if (e.kind() != Kind.PLUGIN_MISSING || !passOverMissing) {
                    throw e;
                }
                LOG.warn("Sandbox {}: passing over what cannot be cleaned up. {}", record.sandboxId(), e.getMessage());
            }
        }));
        return failures;
    }

    private static boolean isMissing(NetworkException failure) {
        return failure.kind() == Kind.PLUGIN_MISSING
                || List.of(failure.getSuppressed()).exists(s -> s instanceof NetworkException e && e.kind() == Kind.PLUGIN_MISSING);
    }

    /** As the kubelet's other runtimes have it; plugins of networks like Calico or Multus look the pod up by it. */
    private static String arguments(PodIdentity pod) {
        return "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=%s"
                .formatted(pod.namespace(), pod.name(), pod.sandboxId(), pod.uid());
    }
}
