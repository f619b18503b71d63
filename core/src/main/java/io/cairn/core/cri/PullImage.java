package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.Driver;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.ImageOperations;
import io.cairn.proto.cri.AuthConfig;
import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.PullImageResponse;

/** CRI PullImage. The credentials go to the registry client and nowhere else. */
final class PullImage implements Verb<PullImageRequest, PullImageResponse> {
    private final ImageOperations images;
    private final Drivers drivers;

    PullImage(ImageOperations images, Drivers drivers) {
        this.images = images;
        this.drivers = drivers;
    }

    @Override
    public PullImageResponse serve(PullImageRequest request, Call call) {
        Driver driver = call.accept(drivers.forHandler(request.getImage().getRuntimeHandler()));
        String reference = driver.images().canonical(request.getImage().getImage())
                .getOrElseThrow(reason -> Call.invalid("image: %s", reason));
        call.about(reference);
        String id = call.unwrap(images.pull(new Command.PullImage(NewId.next(), reference, driver.name()), credentials(request.getAuth()),
                call.origin()));
        return PullImageResponse.newBuilder().setImageRef(id).build();
    }

    private static Credentials credentials(AuthConfig auth) {
        return new Credentials(auth.getUsername(), auth.getPassword(), auth.getAuth(), auth.getServerAddress(), auth.getIdentityToken(),
                auth.getRegistryToken());
    }
}
