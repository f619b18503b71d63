package io.cairn.images;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryOptions;
import io.vavr.control.Either;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * A process to be killed: pulls, prepares, mounts, removes and sweeps without end, and writes a line before each step.
 * Arguments: store directory, mount target, image reference.
 */
final class PullingProcess {
    private PullingProcess() {}

    public static void main(String[] arguments) {
        ImageStore store = ImageStore.open(Path.of(arguments[0]), RegistryOptions.defaults()).get();
        Path target = Path.of(arguments[1]);
        ImageReference reference = ImageReference.parse(arguments[2]).get();
        var progress = new PullProgress() {
            @Override
            public void downloaded(Digest layer, long receivedBytes, long totalBytes) {
                say("downloaded");
            }

            @Override
            public void unpacked(Digest layer) {
                say("unpacked");
            }
        };
        while (Files.isDirectory(target)) {
            say("pull");
            StoredImage image = store.pull(reference, Credentials.anonymous(), progress)
                    .getOrElseThrow(failure -> new IllegalStateException(failure.message())).image();
            say("prepare");
            orThrow(store.snapshots().prepare("c", image.chainIds()));
            say("mount");
            orThrow(store.snapshots().mount("c", target, false));
            say("remove");
            orThrow(store.snapshots().remove("c"));
            say("sweep");
            store.forget(image.imageId());
            orThrow(store.sweep(Set.of()));
        }
    }

    private static void orThrow(Either<StoreFailure, ?> result) {
        result.getOrElseThrow(failure -> new IllegalStateException(failure.message()));
    }

    private static void say(String step) {
        System.out.println(step);
        System.out.flush();
    }
}
