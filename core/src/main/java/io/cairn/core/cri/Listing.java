package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.proto.cri.Image;
import io.cairn.proto.cri.PodSandbox;
import io.vavr.collection.HashSet;
import io.vavr.collection.Vector;

/**
 * What CRI's three lists without a filter show of a state, each oldest first. Images are not marked as pinned: that is the
 * configuration's, not the state's.
 */
public record Listing(Vector<PodSandbox> pods, Vector<io.cairn.proto.cri.Container> containers, Vector<Image> images) {
    public static Listing of(State state) {
        return new Listing(
                state.sandboxes().values().filter(Sandbox::isVisible).map(Replies::sandbox).toVector()
                        .sortBy(PodSandbox::getCreatedAt),
                state.containers().values().filter(Container::isVisible).map(c -> Replies.container(state, c)).toVector()
                        .sortBy(io.cairn.proto.cri.Container::getCreatedAt),
                state.images().values().map(i -> Replies.image(i, HashSet.empty())).toVector().sortBy(Image::getId));
    }
}
