package io.cairn.network;

import io.vavr.collection.List;
import io.vavr.collection.Set;

/** Connects pods to the network. Thread-safe: calls for one pod wait for each other, those for different pods do not. */
public interface PodNetwork {
    /** Whether a pod could be attached now. Runs the plugins' STATUS where they have it, so it may take as long as their deadline. */
    NetworkStatus status();

    /**
     * Connects a pod. Idempotent: an attached pod gets its recorded attachment again, the remains of an attempt that was cut off
     * are removed first. After a failure everything done was undone; where that failed too, the record stays for
     * {@link #detach}.
     */
    Attachment attach(AttachRequest request) throws NetworkException;

    /**
     * Disconnects a pod, with the configuration it was attached with. Idempotent, and right after a crash at any point. Fails
     * where a plugin fails; call it again then.
     */
    void detach(DetachRequest request) throws NetworkException;

    /** Asks the plugins whether an attached pod's network is as it should be (CNI spec, CHECK). */
    void check(String sandboxId) throws NetworkException;

    /** Sandbox ids for which an attachment, finished or cut off, is on record. */
    Set<String> attachments() throws NetworkException;

    /** What became of telling the network which addresses the node's pods have. */
    sealed interface Configured {
        /** @param why no file was to be written, for an operator */
        record NotNeeded(String why) implements Configured {}

        record Written(String path, String template) implements Configured {}

        record Failed(String path, String template, String why) implements Configured {}
    }

    /**
     * Makes the node's network configuration of these ranges, where the operator gave a template for it and nobody else has put a
     * configuration there. The file is whole and on stable storage when this returns; the same ranges again leave it as it is.
     *
     * @param podRanges address ranges of the node's pods like {@code 10.88.0.0/16}, one for each family, not empty
     */
    Configured configure(List<String> podRanges);

    /**
     * Removes everything that belongs to none of the given sandboxes: attachments on record, and what the plugins themselves
     * know (CNI spec, GC). Waits until nobody attaches or detaches, and they wait for it.
     */
    void gc(Set<String> validSandboxIds) throws NetworkException;
}
