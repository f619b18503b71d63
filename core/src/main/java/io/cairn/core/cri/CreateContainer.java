package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.driver.CheckpointBackend.Archived;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.effect.ContainerOperations;
import io.cairn.core.effect.Drivers;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.CreateContainerResponse;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.Signal;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.file.Path;

/** CRI CreateContainer: makes a container ready to start. The same request again returns the same container. */
final class CreateContainer implements Verb<CreateContainerRequest, CreateContainerResponse> {
    private static final int SIGTERM = 15;

    private final ContainerOperations containers;
    private final Drivers drivers;
    private final Lookup lookup;

    CreateContainer(ContainerOperations containers, Drivers drivers, Lookup lookup) {
        this.containers = containers;
        this.drivers = drivers;
        this.lookup = lookup;
    }

    @Override
    public CreateContainerResponse serve(CreateContainerRequest request, Call call) {
        check(request, request.getConfig());
        Sandbox sandbox = lookup.sandbox(request.getPodSandboxId(), call);
        Driver driver = drivers.named(sandbox.driver());
        ContainerConfig config = withVolumes(request.getConfig(), driver, call);
        Origin origin = origin(config.getImage(), driver, call);
        Image image = origin.image();
        call.about(config.getMetadata().getName());
        String id = call.unwrap(containers.create(
                new Command.CreateContainer(NewId.next(), sandbox.id(), config, image.id(), stopSignal(config, image),
                        origin.checkpoint()), call.origin()));
        return CreateContainerResponse.newBuilder().setContainerId(call.about(id)).build();
    }

    private static void check(CreateContainerRequest request, ContainerConfig config) {
        if (!request.hasConfig() || !config.hasMetadata()) {
            throw Call.invalid("config.metadata: expected the container's name, but it is missing");
        }
        Valid.name("config.metadata.name", config.getMetadata().getName());
        if (!config.getLogPath().isEmpty()) {
            Valid.relativePath("config.log_path", config.getLogPath());
        }
        config.getMountsList().forEach(mount -> {
            Valid.absolutePath("config.mounts.container_path", mount.getContainerPath());
            if (isImage(mount)) {
                Valid.require(mount.getHostPath().isEmpty(), "config.mounts.host_path", "none beside an image", mount.getHostPath());
                Valid.require(mount.getReadonly(), "config.mounts.readonly", "true for an image", "false");
            } else {
                Valid.absolutePath("config.mounts.host_path", mount.getHostPath());
            }
        });
        if (config.getStopSignal() == Signal.UNRECOGNIZED) {
            throw Call.invalid("config.stop_signal: expected a signal of the CRI, but got number %d", config.getStopSignalValue());
        }
    }

    private static boolean isImage(Mount mount) {
        return mount.hasImage() && !mount.getImage().getImage().isEmpty();
    }

    /** What is mounted of images is settled here: the id is recorded and told, whatever the name comes to mean. */
    private ContainerConfig withVolumes(ContainerConfig config, Driver driver, Call call) {
        var resolved = config.toBuilder();
        for (Mount.Builder mount : resolved.getMountsBuilderList()) {
            if (isImage(mount.build())) {
                mount.getImageBuilder().setImageRef(image(mount.getImage(), driver, call).id());
            }
        }
        return resolved.build();
    }

    private Image image(ImageSpec spec, Driver driver, Call call) {
        return lookup.image(spec, driver, call)
                .getOrElseThrow(() -> Call.notFound("image \"%s\" is not here: pull it first", spec.getImage()));
    }

    /**
     * What a container is made of.
     *
     * @param checkpoint empty where its program is to begin anew
     */
    private record Origin(Image image, String checkpoint) {}

    /** The image that is asked for; where that is a checkpoint, the image that the container in it was made of. */
    private Origin origin(ImageSpec spec, Driver driver, Call call) {
        if (spec.getImage().startsWith("/")) {
            return new Origin(image(archived(spec.getImage(), driver), spec, driver, call), spec.getImage());
        }
        Image image = image(spec, driver, call);
        return ofImage(image, driver).map(archived -> new Origin(image(archived, spec, driver, call), image.id()))
                .getOrElse(() -> new Origin(image, ""));
    }

    private static Option<Archived> ofImage(Image image, Driver driver) {
        try {
            return driver.checkpoints().ofImage(image.id());
        } catch (DriverException e) {
            throw Call.failed(e);
        }
    }

    /** An image named by a path is an archive that CheckpointContainer wrote, here or elsewhere, as CRI-O has it. */
    private static Archived archived(String path, Driver driver) {
        Path archive = Valid.path("config.image.image", path);
        try {
            return driver.checkpoints().read(archive);
        } catch (DriverException e) {
            throw Call.failed(e);
        }
    }

    /** The image that the container in an archive was made of: by its digest, or by its name where it has another digest here. */
    private Image image(Archived archived, ImageSpec archive, Driver driver, Call call) {
        return Vector.of(archived.imageRef(), archived.imageName()).filter(name -> !name.isEmpty())
                .flatMap(name -> lookup.image(ImageSpec.newBuilder().setImage(name).build(), driver, call)).headOption()
                .getOrElseThrow(() -> Call.notFound("the container in %s was made of image \"%s\", which is not here: pull it first",
                        archive.getImage(), archived.imageName()));
    }

    /** The CRI field, then the image, then SIGTERM. */
    private static int stopSignal(ContainerConfig config, Image image) {
        if (config.getStopSignal() != Signal.RUNTIME_DEFAULT) {
            return Signals.number(config.getStopSignal());
        }
        return image.stopSignal() > 0 ? image.stopSignal() : SIGTERM;
    }
}
