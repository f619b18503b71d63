package io.cairn.core.cri;

import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.PullImageResponse;
import io.cairn.proto.cri.ImageStatusRequest;
import io.cairn.proto.cri.ImageStatusResponse;
import io.cairn.proto.cri.ListImagesRequest;
import io.cairn.proto.cri.ListImagesResponse;
import io.cairn.proto.cri.RemoveImageRequest;
import io.cairn.proto.cri.RemoveImageResponse;
import io.cairn.proto.cri.ImageFsInfoRequest;
import io.cairn.proto.cri.ImageFsInfoResponse;
import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.StreamImagesRequest;
import io.cairn.proto.cri.StreamImagesResponse;
import io.grpc.stub.StreamObserver;

/** The generated service's methods, each handed to its verb. A method that is not here answers UNIMPLEMENTED. */
final class ImageService extends ImageServiceGrpc.ImageServiceImplBase {
    private final Dispatcher dispatcher;
    private final ImageVerbs verbs;

    ImageService(Dispatcher dispatcher, ImageVerbs verbs) {
        this.dispatcher = dispatcher;
        this.verbs = verbs;
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> client) {
        dispatcher.serve("PullImage", request, verbs.pullImage, client);
    }

    @Override
    public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> client) {
        dispatcher.serve("ImageStatus", request, verbs.imageStatus, client);
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> client) {
        dispatcher.serve("ListImages", request, verbs.listImages, client);
    }

    @Override
    public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> client) {
        dispatcher.serve("RemoveImage", request, verbs.removeImage, client);
    }

    @Override
    public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> client) {
        dispatcher.serve("ImageFsInfo", request, verbs.imageFsInfo, client);
    }

    @Override
    public void streamImages(StreamImagesRequest request, StreamObserver<StreamImagesResponse> client) {
        dispatcher.stream("StreamImages", request, verbs.streamImages, client);
    }
}
