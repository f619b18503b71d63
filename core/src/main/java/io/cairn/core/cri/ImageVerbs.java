package io.cairn.core.cri;

import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.proto.cri.ImageFsInfoRequest;
import io.cairn.proto.cri.ImageFsInfoResponse;
import io.cairn.proto.cri.ImageStatusRequest;
import io.cairn.proto.cri.ImageStatusResponse;
import io.cairn.proto.cri.ListImagesRequest;
import io.cairn.proto.cri.ListImagesResponse;
import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.PullImageResponse;
import io.cairn.proto.cri.RemoveImageRequest;
import io.cairn.proto.cri.RemoveImageResponse;
import io.cairn.proto.cri.StreamImagesRequest;
import io.cairn.proto.cri.StreamImagesResponse;
import io.vavr.collection.Set;

/** The verbs of the image service. */
final class ImageVerbs {
    final Verb<PullImageRequest, PullImageResponse> pullImage;
    final Verb<ImageStatusRequest, ImageStatusResponse> imageStatus;
    final Verb<ListImagesRequest, ListImagesResponse> listImages;
    final StreamVerb<StreamImagesRequest, StreamImagesResponse> streamImages;
    final Verb<RemoveImageRequest, RemoveImageResponse> removeImage;
    final Verb<ImageFsInfoRequest, ImageFsInfoResponse> imageFsInfo;

    ImageVerbs(Engine engine, Operations operations, Drivers drivers, Lookup lookup, Clock clock,
            Set<String> pinned) {
        this.pullImage = new PullImage(operations.images(), drivers);
        this.imageStatus = new ImageStatus(lookup, drivers, pinned);
        var lister = new ListImages(engine, lookup, drivers, pinned);
        this.listImages = lister;
        this.streamImages = (request, call) -> Chunks.of(lister.entries(request.getFilter(), call),
                chunk -> StreamImagesResponse.newBuilder().addAllImages(chunk).build());
        this.removeImage = (request, call) -> {
            lookup.image(request.getImage(), drivers.defaultDriver(), call)
                    .forEach(image -> call.unwrap(operations.images().remove(call.about(image.id()), call.origin())));
            return RemoveImageResponse.getDefaultInstance();
        };
        this.imageFsInfo = new ImageFsInfo(drivers, clock);
    }
}
