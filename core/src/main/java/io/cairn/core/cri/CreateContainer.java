package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Image;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.effect.ContainerOperations;
import io.cairn.core.effect.Drivers;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.CreateContainerResponse;
import io.cairn.proto.cri.Signal;
import io.grpc.Status;

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
        ContainerConfig config = request.getConfig();
        Image image = lookup.image(config.getImage(), drivers.named(sandbox.driver()), call)
                .getOrElseThrow(() -> Call.notFound("image \"%s\" is not here: pull it first", config.getImage().getImage()));
        call.about(config.getMetadata().getName());
        String id = call.unwrap(containers.create(
                new Command.CreateContainer(NewId.next(), sandbox.id(), config, image.id(), stopSignal(config, image)), call.origin()));
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
            if (mount.hasImage() && !mount.getImage().getImage().isEmpty()) {
                throw Status.UNIMPLEMENTED.withDescription("config.mounts: an image as a volume (at %s) is not supported yet"
                        .formatted(mount.getContainerPath())).asRuntimeException();
            }
            Valid.absolutePath("config.mounts.host_path", mount.getHostPath());
        });
        if (config.getStopSignal() == Signal.UNRECOGNIZED) {
            throw Call.invalid("config.stop_signal: expected a signal of the CRI, but got number %d", config.getStopSignalValue());
        }
    }

    /** The CRI field, then the image, then SIGTERM. */
    private static int stopSignal(ContainerConfig config, Image image) {
        if (config.getStopSignal() != Signal.RUNTIME_DEFAULT) {
            return Signals.number(config.getStopSignal());
        }
        return image.stopSignal() > 0 ? image.stopSignal() : SIGTERM;
    }
}
