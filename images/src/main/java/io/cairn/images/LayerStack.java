package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import java.io.IOException;

/** Finds all layers of a stack, or tells which one cannot be used. */
final class LayerStack {
    private LayerStack() {}

    /** @param chainIds the lowest first */
    static Either<StoreFailure, Vector<LayerInfo>> ready(LayerStore layers, Vector<Digest> chainIds) throws IOException {
        Vector<LayerInfo> found = Vector.empty();
        for (Digest chainId : chainIds) {
            switch (layers.look(chainId)) {
                case LayerState.Ready(LayerInfo info) -> found = found.append(info);
                case LayerState.Missing() -> {
                    return Either.left(new StoreFailure(StoreFailure.Kind.MISSING,
                            "layer " + chainId + " is missing; pull the image again"));
                }
                case LayerState.Damaged(String why) -> {
                    return Either.left(new StoreFailure(StoreFailure.Kind.DAMAGED,
                            "layer " + chainId + " is damaged: " + why + "; pull the image again"));
                }
            }
        }
        return Either.right(found);
    }
}
