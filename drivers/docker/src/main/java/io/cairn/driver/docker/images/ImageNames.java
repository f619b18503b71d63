package io.cairn.driver.docker.images;

import com.github.dockerjava.api.model.Image;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Names of our images in the engine: one for each, so that the engine keeps it, and people see whose it is. What they named themselves has
 * other names and is never touched.
 *
 * @param owner whose images
 */
record ImageNames(String owner) {
    /** No registry is called so: nobody can push or pull these names. */
    private static final String HOST = "cairn.internal/";
    private static final String PODS = "pause";
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    String repository() {
        return HOST + owner;
    }

    /** @param imageId {@code sha256:…} */
    String tag(String imageId) {
        return imageId.substring(imageId.indexOf(':') + 1);
    }

    String of(String imageId) {
        return repository() + ":" + tag(imageId);
    }

    /** Of the image of pods. @param reference where it is from; none: it is made here */
    String podTag(Option<String> reference) {
        return reference.map(r -> PODS + "-" + Digest.of(r.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16)).getOrElse(PODS);
    }

    /** The name of ours that an image of the engine has; none for those of others and for that of pods. */
    Option<String> found(Image image) {
        String prefix = repository() + ":";
        return Option.of(image.getRepoTags()).map(Vector::of).getOrElse(Vector.empty())
                .find(name -> name.startsWith(prefix) && SHA256.matcher(name.substring(prefix.length())).matches());
    }
}
