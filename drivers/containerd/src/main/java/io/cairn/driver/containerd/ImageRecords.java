package io.cairn.driver.containerd;

import com.google.protobuf.FieldMask;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.images.CreateImageRequest;
import io.cairn.driver.containerd.proto.images.DeleteImageRequest;
import io.cairn.driver.containerd.proto.images.GetImageRequest;
import io.cairn.driver.containerd.proto.images.Image;
import io.cairn.driver.containerd.proto.images.ImagesGrpc;
import io.cairn.driver.containerd.proto.images.ListImagesRequest;
import io.cairn.driver.containerd.proto.images.UpdateImageRequest;
import io.cairn.driver.containerd.proto.types.Descriptor;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/**
 * The names of images, as {@code ctr images ls} shows them. Each that came by a pull of ours says in a label which image it is: the
 * digest of its configuration. Thread-safe.
 */
record ImageRecords(Connection containerd) {
    static final String IMAGE_ID = "io.cairn.image";

    private ImagesGrpc.ImagesBlockingStub service() {
        return ImagesGrpc.newBlockingStub(containerd.channel());
    }

    /** The image that a record stands for; none for one that somebody else has made. */
    static Option<String> imageId(Image record) {
        return Option.of(record.getLabelsMap().get(IMAGE_ID));
    }

    Option<Image> get(String name) throws DriverException {
        return containerd.find("look at image " + name, () -> service().get(GetImageRequest.newBuilder().setName(name).build()).getImage());
    }

    Vector<Image> list() throws DriverException {
        return Vector.ofAll(containerd.call("list images", () -> service().list(ListImagesRequest.getDefaultInstance())).getImagesList());
    }

    /** Names of an image that were pulled. */
    Vector<Image> of(String imageId) throws DriverException {
        return list().filter(record -> imageId(record).contains(imageId));
    }

    /** Makes a name point to an image, whatever it pointed to before. */
    void put(String name, Descriptor target, String imageId) throws DriverException {
        var image = Image.newBuilder().setName(name).setTarget(target).putLabels(IMAGE_ID, imageId).build();
        boolean made = containerd.make("name image " + name, () -> service().create(CreateImageRequest.newBuilder().setImage(image).build()))
                .isDefined();
        if (!made) {
            containerd.call("name image " + name, () -> service().update(UpdateImageRequest.newBuilder().setImage(image)
                    .setUpdateMask(FieldMask.newBuilder().addPaths("target").addPaths("labels." + IMAGE_ID)).build()));
        }
    }

    /** @param collect whether to wait until the garbage collector has been through */
    void delete(String name, boolean collect) throws DriverException {
        containerd.find("remove image " + name, () -> service().delete(DeleteImageRequest.newBuilder().setName(name).setSync(collect).build()));
    }
}
