package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.Platform;
import io.cairn.images.registry.RegistryLimits;
import io.cairn.images.registry.RegistrySession;
import io.cairn.images.registry.RemoteImage;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.function.Function;

/**
 * The part of a pull that keeps nothing: resolve → verify → configuration, and a look at whether they go together.
 *
 * @param verification asked before anything but the manifests is fetched
 */
public record ImageLookup(RegistrySession session, ImageReference reference, Platform platform, Verification verification) {
    /**
     * Finds the image.
     *
     * @param known gives a manifest or configuration that is here, by its digest
     */
    public Either<PullFailure, FoundImage> find(Function<Digest, Option<byte[]>> known) throws InterruptedException {
        Either<PullFailure, RemoteImage> resolved = session.resolve(platform, known).mapLeft(PullFailure.FromRegistry::new);
        // For an image that is here as well: the policy may have changed.
        Option<String> objection = resolved.isLeft() ? Option.none()
                : verification.objection(reference.toString(), resolved.get().target());
        if (objection.isDefined()) {
            return Either.left(new PullFailure.Unverified(reference.toString(), objection.get()));
        }
        return resolved.flatMap(remote -> config(remote.config(), known).flatMap(json -> checked(remote, json)));
    }

    private Either<PullFailure, byte[]> config(Descriptor descriptor, Function<Digest, Option<byte[]>> known) {
        Option<byte[]> here = known.apply(descriptor.digest());
        return here.isDefined() ? Either.right(here.get())
                : session.small(descriptor, RegistryLimits.MAX_CONFIG_BYTES).mapLeft(PullFailure.FromRegistry::new);
    }

    private Either<PullFailure, FoundImage> checked(RemoteImage remote, byte[] json) {
        ImageConfig config;
        try {
            config = ImageConfig.parse(json);
        } catch (IOException e) {
            return bad(e.getMessage());
        }
        if (config.diffIds().size() != remote.layers().size()) {
            return bad("its manifest has %d layers, but its configuration names %d".formatted(remote.layers().size(), config.diffIds().size()));
        }
        // An index may say better than the configuration, in which builders of many platforms often err.
        boolean tells = !config.platform().architecture().isEmpty();
        if (!remote.platformIsKnown() && tells && !platform.runs(config.platform())) {
            return bad("it is for %s, and this machine is %s".formatted(config.platform(), platform));
        }
        return Either.right(new FoundImage(remote, json, config, ChainIds.of(config.diffIds())));
    }

    private Either<PullFailure, FoundImage> bad(String why) {
        return Either.left(new PullFailure.BadImage(reference.toString(), why));
    }
}
