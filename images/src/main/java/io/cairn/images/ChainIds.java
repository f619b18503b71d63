package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import java.nio.charset.StandardCharsets;

/** Names of stacks of layers (OCI image-spec, config.md, "Layer ChainID"): the same layer on another base is another one. */
public final class ChainIds {
    private ChainIds() {}

    /** One for each layer, of it and all below it; the lowest first, as the diff ids are. */
    public static Vector<Digest> of(Vector<Digest> diffIds) {
        Vector<Digest> chain = Vector.empty();
        for (Digest diffId : diffIds) {
            chain = chain.append(chain.isEmpty() ? diffId
                    : Digest.of((chain.last() + " " + diffId).getBytes(StandardCharsets.US_ASCII)));
        }
        return chain;
    }
}
