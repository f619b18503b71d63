package io.cairn.core.cri;

import io.cairn.core.domain.Image;
import io.cairn.core.effect.Drivers;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ImageFilter;
import io.cairn.proto.cri.ListImagesRequest;
import io.cairn.proto.cri.ListImagesResponse;
import io.vavr.collection.Iterator;
import io.vavr.collection.Set;

/** CRI ListImages; with a filter, the one image it names. */
final class ListImages implements Verb<ListImagesRequest, ListImagesResponse> {
    private final Engine engine;
    private final Lookup lookup;
    private final Drivers drivers;
    private final Set<String> pinned;

    ListImages(Engine engine, Lookup lookup, Drivers drivers, Set<String> pinned) {
        this.engine = engine;
        this.lookup = lookup;
        this.drivers = drivers;
        this.pinned = pinned;
    }

    @Override
    public ListImagesResponse serve(ListImagesRequest request, Call call) {
        return ListImagesResponse.newBuilder().addAllImages(entries(request.getFilter(), call)).build();
    }

    /** As of now, made one by one as they are asked for. */
    Iterator<io.cairn.proto.cri.Image> entries(ImageFilter filter, Call call) {
        Iterator<Image> images = filter.getImage().getImage().isEmpty()
                ? engine.state().images().valuesIterator()
                : lookup.image(filter.getImage(), drivers.defaultDriver(), call).iterator();
        return images.map(image -> Replies.image(image, pinned));
    }
}
