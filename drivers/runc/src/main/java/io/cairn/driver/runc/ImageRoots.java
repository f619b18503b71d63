package io.cairn.driver.runc;

import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.ImageFilesystem;
import io.cairn.core.driver.PulledImage;
import io.cairn.images.ImageStore;
import io.cairn.images.PullFailure;
import io.cairn.images.PullProgress;
import io.cairn.images.StoreFailure;
import io.cairn.images.StoredImage;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryFailure;
import io.cairn.linux.RootFiles;
import io.cairn.oci.ImageConfig;
import io.cairn.oci.StopSignal;
import io.cairn.oci.UserDatabase;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashSet;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Set;
import io.vavr.collection.TreeSet;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/** Images and the root file systems made of them, by the image store. */
record ImageRoots(ImageStore store) implements ImageBackend, RootFilesystems {
    @Override
    public Either<String, String> canonical(String reference) {
        return ImageReference.parse(reference).map(ImageReference::toString);
    }

    @Override
    public PulledImage pull(String reference, Credentials credentials) throws DriverException {
        ImageReference parsed = ImageReference.parse(reference).getOrElseThrow(why -> Failures.invalid("%s", why));
        var login = io.cairn.images.registry.Credentials.fromAuthConfig(credentials.username(), credentials.password(), credentials.auth(),
                credentials.serverAddress(), credentials.identityToken(), credentials.registryToken())
                .getOrElseThrow(why -> Failures.invalid("Cannot pull %s: %s", reference, why));
        var pulled = store.pull(parsed, login, PullProgress.NONE)
                .getOrElseThrow(failure -> Failures.of(kind(failure), "Cannot pull %s", failure.message()));
        var config = pulled.image().config();
        int stopSignal = StopSignal.parse(config.stopSignal()).map(StopSignal::number).getOrElse(0);
        String tag = parsed.digest().isDefined() ? "" : parsed.toString();
        return new PulledImage(pulled.image().imageId().toString(), tag, pulled.repoDigest(), pulled.image().sizeBytes(), config.user(),
                stopSignal);
    }

    private static Failure.Kind kind(PullFailure failure) {
        return switch (failure) {
            case PullFailure.FromRegistry(RegistryFailure registry) -> switch (registry.kind()) {
                case NOT_FOUND -> Failure.Kind.NOT_FOUND;
                case UNAUTHORIZED -> Failure.Kind.DENIED;
                case UNAVAILABLE, CANCELLED -> Failure.Kind.UNAVAILABLE;
                case UNSUPPORTED -> Failure.Kind.UNSUPPORTED;
                case INVALID_CONTENT, TOO_LARGE, CONFIGURATION, LOCAL -> Failure.Kind.FAILED;
            };
            case PullFailure.BadImage _ -> Failure.Kind.FAILED;
            case PullFailure.Local(String _, StoreFailure store) -> kind(store);
            case PullFailure.Cancelled _ -> Failure.Kind.UNAVAILABLE;
        };
    }

    private static Failure.Kind kind(StoreFailure failure) {
        return switch (failure.kind()) {
            case MISSING -> Failure.Kind.NOT_FOUND;
            case INVALID -> Failure.Kind.INVALID;
            case STORAGE -> failure.message().contains("No space left") ? Failure.Kind.EXHAUSTED : Failure.Kind.FAILED;
            case DAMAGED, CONFLICT -> Failure.Kind.FAILED;
        };
    }

    private static <T> T orThrow(Either<StoreFailure, T> result) throws DriverException {
        return result.getOrElseThrow(failure -> Failures.of(kind(failure), "%s", failure.message()));
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
    public void prepare(String id, String imageId) throws DriverException {
        orThrow(store.snapshots().prepare(id, image(imageId).chainIds()));
    }

    @Override
    public void mount(String id, Path target) throws DriverException {
        orThrow(store.snapshots().mount(id, target, false));
    }

    @Override
    public void remove(String id) throws DriverException {
        orThrow(store.snapshots().remove(id));
    }

    @Override
    public boolean exists(String id) throws DriverException {
        return ids().contains(id);
    }

    @Override
    public Set<String> ids() throws DriverException {
        return TreeSet.ofAll(orThrow(store.snapshots().list()));
    }

    @Override
    public UserDatabase users(Path mounted) throws DriverException {
        return UserDatabase.parse(file(mounted, "/etc/passwd"), file(mounted, "/etc/group"))
                .getOrElseThrow(problem -> Failures.failed("%s", problem.message()));
    }

    private static byte[] file(Path root, String path) throws DriverException {
        try {
            return RootFiles.read(root, path, UserDatabase.MAX_FILE_BYTES).orElse(new byte[0]);
        } catch (IOException e) {
            throw Failures.io("Cannot read %s of the image".formatted(path), e);
        }
    }
}
