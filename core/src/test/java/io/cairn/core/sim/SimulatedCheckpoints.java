package io.cairn.core.sim;

import io.cairn.core.driver.CheckpointBackend;
import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.nio.file.Path;

/** Archives of the simulated world; those below {@code /full} find no space. */
record SimulatedCheckpoints(World world, Points points) implements CheckpointBackend {
    static final long SIZE = 4711;

    @Override
    public long checkpoint(Spec spec) throws DriverException {
        points.pass("checkpoint begins");
        world.begin("checkpoint", spec.containerId());
        synchronized (world) {
            if (!world.isRunning(spec.containerId())) {
                throw new DriverException(Failure.Kind.FAILED, "the simulated driver cannot write down what does not run");
            }
            if (spec.location().startsWith("/full")) {
                throw new DriverException(Failure.Kind.EXHAUSTED, "no space is left for an archive");
            }
        }
        put(spec, false);
        points.pass("checkpoint half done");
        put(spec, true);
        points.pass("checkpoint done");
        return SIZE;
    }

    private void put(Spec spec, boolean whole) {
        synchronized (world) {
            world.archives.put(spec.location().toString(), new World.Archive(spec.containerId(), spec.id(), whole));
        }
    }

    @Override
    public Option<Long> settle(String containerId, String checkpointId) {
        points.pass("settle checkpoint");
        synchronized (world) {
            world.archives.values().removeIf(a -> a.containerId().equals(containerId) && !a.whole());
            return Option.when(world.archives.values().stream().anyMatch(a -> a.containerId().equals(containerId)
                    && a.checkpointId().equals(checkpointId)), SIZE);
        }
    }

    @Override
    public Archived read(Path archive) throws DriverException {
        synchronized (world) {
            if (!world.archives.containsKey(archive.toString())) {
                throw new DriverException(Failure.Kind.NOT_FOUND, "there is no archive " + archive);
            }
        }
        return new Archived("app", "docker.io/library/app:latest", "");
    }

    @Override
    public Option<Archived> ofImage(String imageId) {
        return Option.none();
    }
}
