package io.cairn.core.cri;

import io.cairn.core.domain.Image;
import io.cairn.core.effect.Drivers;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ListImagesRequest;
import io.cairn.proto.cri.ListImagesResponse;
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
        var response = ListImagesResponse.newBuilder();
        Iterable<Image> images = request.getFilter().getImage().getImage().isEmpty()
                ? engine.state().images().values()
                : lookup.image(request.getFilter().getImage(), drivers.defaultDriver(), call);
        images.forEach(image -> response.addImages(Replies.image(image, pinned)));
        return response.build();
    }
}
