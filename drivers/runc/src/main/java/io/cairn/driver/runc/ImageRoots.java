package io.cairn.driver.runc;

import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.ImageFilesystem;
import io.cairn.core.driver.LayerUse;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.PulledImage;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.PullFailures;
import io.cairn.driver.host.PulledBytes;
import io.cairn.driver.host.checkpoint.CheckpointRoots;
import io.cairn.images.ImageStore;
import io.cairn.images.Owners;
import io.cairn.images.StoreFailure;
import io.cairn.images.StoredImage;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.oci.ImageConfig;
import io.cairn.oci.StopSignal;
import io.cairn.oci.UserMappings;
import io.vavr.collection.HashSet;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Set;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Images and the root file systems made of them, by the image store. */
record ImageRoots(ImageStore store) implements ImageBackend, CheckpointRoots {
    /** Between a container's id and the number of a volume, in the key of its snapshot. */
    private static final String VOLUME = ".image";

    @Override
    public Either<String, String> canonical(String reference) {
        return ImageReference.parse(reference).map(ImageReference::toString);
    }

    @Override
    public PulledImage pull(String reference, Credentials credentials, PullObserver observer) throws DriverException {
        ImageReference parsed = ImageReference.parse(reference).getOrElseThrow(why -> Failures.invalid("%s", why));
        var login = PullFailures.login(reference, credentials);
        var pulled = PullFailures.orThrow(store.pull(parsed, login, new PulledBytes(observer)));
        var config = pulled.image().config();
        int stopSignal = StopSignal.parse(config.stopSignal()).map(StopSignal::number).getOrElse(0);
        String tag = parsed.digest().isDefined() ? "" : parsed.toString();
        return new PulledImage(pulled.image().imageId().toString(), tag, pulled.repoDigest(), pulled.image().sizeBytes(), config.user(),
                stopSignal);
    }

    private static <T> T orThrow(Either<StoreFailure, T> result) throws DriverException {
        return result.getOrElseThrow(failure -> Failures.of(PullFailures.kind(failure), "%s", failure.message()));
    }

    private static Digest digest(String imageId) throws DriverException {
        return Digest.parse(imageId).getOrElseThrow(why -> Failures.invalid("Expected an image id: %s", why));
    }

    @Override
    public boolean isIntact(String imageId) {
        return Digest.parse(imageId).toOption().exists(id -> store.load(id).isRight());
    }

    @Override
    public void remove(String imageId, Set<String> live) throws DriverException {
        store.forget(digest(imageId));
        free(live);
    }

    @Override
    public void free(Set<String> live) throws DriverException {
        Set<Digest> kept = HashSet.empty();
        for (String id : live) {
            kept = kept.add(digest(id));
        }
        orThrow(store.sweep(kept.toJavaSet()));
    }

    @Override
    public ImageFilesystem usage() throws DriverException {
        var usage = orThrow(store.usage());
        return new ImageFilesystem(usage.root().toString(), usage.bytes(), usage.inodes());
    }

    @Override
    public ImageConfig config(String imageId) throws DriverException {
        var config = image(imageId).config();
        return new ImageConfig(config.env().toList(), config.entrypoint().toList(), config.cmd().toList(), Option.some(config.workingDir()),
                Option.some(config.user()), Option.some(config.stopSignal()), LinkedHashMap.ofEntries(config.labels()));
    }

    private StoredImage image(String imageId) throws DriverException {
        return orThrow(store.load(digest(imageId)));
    }

    @Override
    public void prepare(String id, String imageId, Option<UserMappings> users) throws DriverException {
        orThrow(store.snapshots().prepare(id, image(imageId).chainIds(), users.map(ImageRoots::owners)));
    }

    @Override
    public void mount(String id, Path target, Option<Path> userNamespace) throws DriverException {
        orThrow(store.snapshots().mount(id, target, false, userNamespace));
    }

    @Override
    public void mountVolume(String id, int number, String imageId, Path target, Option<UserMappings> users, Option<Path> userNamespace)
            throws DriverException {
        String key = orThrow(store.snapshots().view(id + VOLUME + number, image(imageId).chainIds(), users.map(ImageRoots::owners)));
        orThrow(store.snapshots().mount(key, target, true, userNamespace));
    }

    private static Owners owners(UserMappings users) {
        return new Owners(users.uids().hostId(), users.uids().size(), users.gids().hostId(), users.gids().size());
    }

    @Override
    public void remove(String id) throws DriverException {
        for (String key : orThrow(store.snapshots().list())) {
            if (container(key).equals(id)) {
                orThrow(store.snapshots().remove(key));
            }
        }
        orThrow(store.snapshots().remove(id));
    }

    @Override
    public Option<Path> layerWith(String imageId, Vector<String> files) throws DriverException {
        return orThrow(store.layerWith(digest(imageId), files));
    }

    @Override
    public Vector<String> export(String id, Path archive) throws DriverException {
        return orThrow(store.snapshots().export(id, archive));
    }

    @Override
    public void apply(String id, Option<Path> archive, Vector<String> deleted) throws DriverException {
        orThrow(store.snapshots().apply(id, archive, deleted));
    }

    /** The container that a snapshot is made for: its root, or an image that is mounted in it as a volume. */
    private static String container(String key) {
        return key.replaceFirst(Pattern.quote(VOLUME) + "[0-9]+$", "");
    }

    @Override
    public LayerUse usage(String id) throws DriverException {
        var usage = orThrow(store.snapshots().usage(id));
        return new LayerUse(store.root().toString(), usage.bytes(), usage.inodes());
    }

    @Override
    public boolean exists(String id) throws DriverException {
        return ids().contains(id);
    }

    @Override
    public Set<String> ids() throws DriverException {
        return TreeSet.ofAll(orThrow(store.snapshots().list()).map(ImageRoots::container));
    }
}
