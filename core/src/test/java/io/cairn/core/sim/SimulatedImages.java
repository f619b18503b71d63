package io.cairn.core.sim;

import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.ImageFilesystem;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.PulledImage;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Set;
import io.vavr.control.Either;
import java.util.regex.Pattern;

/** A registry that has every image, except those called {@code missing}, and a store for them. */
final class SimulatedImages implements ImageBackend {
    private static final Pattern REFERENCE = Pattern.compile("[a-z0-9][a-z0-9./:@-]{0,200}");

    private final World world;
    private final Points points;

    SimulatedImages(World world, Points points) {
        this.world = world;
        this.points = points;
    }

    @Override
    public Either<String, String> canonical(String reference) {
        if (!REFERENCE.matcher(reference).matches() || reference.startsWith("sha256:")) {
            return Either.left("expected a reference, but got something else");
        }
        String named = reference.contains("/") ? reference : "docker.io/library/" + reference;
        return Either.right(named.contains(":") || named.contains("@") ? named : named + ":latest");
    }

    /** The id depends on the name without its tag: two tags of one name are one image. */
    @Override
    public PulledImage pull(String reference, Credentials credentials, PullObserver observer) throws DriverException {
        points.pass("pull " + reference + " begins");
        world.begin("pull", reference);
        String name = reference.substring(0, reference.lastIndexOf(':'));
        if (name.endsWith("missing")) {
            throw new DriverException(Failure.Kind.NOT_FOUND, "the registry has no " + reference);
        }
        String id = Ids.image(name);
        synchronized (world) {
            world.images.add(id);
        }
        observer.received(4096, 4096);
        world.begin("pullEnds", id);
        points.pass("pull " + reference + " done");
        world.begin("pull done", reference);
        return new PulledImage(id, reference, name + "@" + Ids.image("manifest " + name), 4096, "1000:1000", 0);
    }

    @Override
    public boolean isIntact(String imageId) {
        return world.images().contains(imageId);
    }

    @Override
    public void remove(String imageId, Set<String> live) throws DriverException {
        points.pass("remove image begins");
        world.begin("removeImage", imageId);
        synchronized (world) {
            world.require(!live.contains(imageId), "an image is removed that is said to be live: " + imageId);
            world.images.remove(imageId);
        }
        points.pass("remove image done");
        world.begin("removeImage done", imageId);
    }

    /** Everything here is an image that was pulled: there is nothing else to free. */
    @Override
    public void free(Set<String> live) throws DriverException {
        world.begin("free", live.mkString(" "));
    }

    @Override
    public ImageFilesystem usage() {
        return new ImageFilesystem("/var/lib/simulated", 4096L * world.images().size(), world.images().size());
    }
}
