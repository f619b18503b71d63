package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Which pull is bringing which layer, so that two pulls at the same time do not bring one twice.
 *
 * <p>This cannot deadlock: a pull works on its layers from the lowest up and waits only for the one it stands at, so
 * whoever holds that one is at it or below it in the same stack. Thread-safe.
 */
public final class LayerJobs {
    private final Map<Digest, CompletableFuture<Void>> running = new HashMap<>();

    /** Takes those of the layers that nobody works on; the caller must {@link #done} each. */
    public synchronized Vector<Digest> claim(Vector<Digest> wanted) {
        Vector<Digest> mine = wanted.filter(digest -> !running.containsKey(digest));
        mine.forEach(digest -> running.put(digest, new CompletableFuture<>()));
        return mine;
    }

    /** Something to wait for while another pull works on a layer. How it ended must be seen from the store. */
    public synchronized Option<CompletableFuture<Void>> running(Digest layer) {
        return Option.of(running.get(layer));
    }

    public synchronized void done(Digest layer) {
        Option.of(running.remove(layer)).forEach(job -> job.complete(null));
    }
}
