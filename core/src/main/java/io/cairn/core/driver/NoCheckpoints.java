package io.cairn.core.driver;

import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.nio.file.Path;

/** Of a driver that cannot write containers down. */
record NoCheckpoints(String driver) implements CheckpointBackend {
    @Override
    public long checkpoint(Spec spec) throws DriverException {
        throw missing();
    }

    @Override
    public Option<Long> settle(String containerId, String checkpointId) {
        return Option.none();
    }

    @Override
    public Archived read(Path archive) throws DriverException {
        throw missing();
    }

    @Override
    public Option<Archived> ofImage(String imageId) {
        return Option.none();
    }

    private DriverException missing() {
        return new DriverException(Failure.Kind.UNSUPPORTED, "The driver %s cannot checkpoint or restore containers".formatted(driver));
    }
}
