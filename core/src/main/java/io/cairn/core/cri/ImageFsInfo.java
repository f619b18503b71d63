package io.cairn.core.cri;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageFilesystem;
import io.cairn.core.effect.Drivers;
import io.cairn.core.engine.Clock;
import io.cairn.proto.cri.FilesystemIdentifier;
import io.cairn.proto.cri.FilesystemUsage;
import io.cairn.proto.cri.ImageFsInfoRequest;
import io.cairn.proto.cri.ImageFsInfoResponse;
import io.cairn.proto.cri.UInt64Value;

/** CRI ImageFsInfo: images and writable layers lie on one file system. */
final class ImageFsInfo implements Verb<ImageFsInfoRequest, ImageFsInfoResponse> {
    private final Drivers drivers;
    private final Clock clock;

    ImageFsInfo(Drivers drivers, Clock clock) {
        this.drivers = drivers;
        this.clock = clock;
    }

    @Override
    public ImageFsInfoResponse serve(ImageFsInfoRequest request, Call call) {
        try {
            FilesystemUsage usage = usage(drivers.defaultDriver().images().usage());
            return ImageFsInfoResponse.newBuilder().addImageFilesystems(usage).addContainerFilesystems(usage).build();
        } catch (DriverException e) {
            throw Call.failed(e);
        }
    }

    private FilesystemUsage usage(ImageFilesystem filesystem) {
        return FilesystemUsage.newBuilder().setTimestamp(clock.wallNanos())
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(filesystem.mountPoint()))
                .setUsedBytes(UInt64Value.newBuilder().setValue(filesystem.usedBytes()))
                .setInodesUsed(UInt64Value.newBuilder().setValue(filesystem.usedInodes())).build();
    }
}
