package io.cairn.core.cri;

import io.cairn.core.driver.Driver;
import io.cairn.core.effect.Drivers;
import io.cairn.proto.cri.ImageStatusRequest;
import io.cairn.proto.cri.ImageStatusResponse;
import io.vavr.collection.Set;

/** CRI ImageStatus: an image that is not here, or is here no longer whole, is an empty answer: the kubelet pulls it then. */
final class ImageStatus implements Verb<ImageStatusRequest, ImageStatusResponse> {
    private final Lookup lookup;
    private final Drivers drivers;
    private final Set<String> pinned;

    ImageStatus(Lookup lookup, Drivers drivers, Set<String> pinned) {
        this.lookup = lookup;
        this.drivers = drivers;
        this.pinned = pinned;
    }

    @Override
    public ImageStatusResponse serve(ImageStatusRequest request, Call call) {
        Driver driver = call.accept(drivers.forHandler(request.getImage().getRuntimeHandler()));
        var response = ImageStatusResponse.newBuilder();
        lookup.image(request.getImage(), driver, call).filter(image -> driver.images().isIntact(image.id())).forEach(image -> {
            response.setImage(Replies.image(image, pinned));
            if (request.getVerbose()) {
                response.putInfo("info", Info.of(image));
            }
        });
        return response.build();
    }
}
