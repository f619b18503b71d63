package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.driver.host.checkpoint.CheckpointContract;
import io.vavr.collection.List;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checkpoints by the OCI runtime itself. */
class CheckpointTest extends CheckpointContract {
    @Override
    protected Driver open(Path directory) throws Exception {
        return new RuncDriverProvider().open(RuncDriverTest.context(directory));
    }

    @Override
    protected Driver open(Path directory, String key, String value) throws Exception {
        DriverContext context = RuncDriverTest.context(directory);
        return new RuncDriverProvider().open(new DriverContext(context.stateDirectory(), context.runDirectory(),
                context.settings().put(key, value), context.handlers()));
    }

    @Override
    protected RuncFiles files(String id) {
        return ((RuncDriver) driver).backend.layout().container(id);
    }

    @Override
    protected void pause(String id) throws Exception {
        OciRuntime runtime = ((RuncDriver) driver).backend.runtimes().standard();
        assertThat(runtime.run("Pausing", List.of("pause", id)).succeeded()).isTrue();
    }

    @Override
    protected void forgetStart(String id) throws Exception {
        Files.delete(files(id).started());
        Files.delete(files(id).letGo());
    }

    @Override
    protected String useCriu(Path program) throws Exception {
        driver.close();
        driver = open(dir, "drivers.runc.criu", program.toString());
        driver.observe(exited);
        return program.toString();
    }

    @Override
    protected void useUsualCriu() throws Exception {
        restart();
    }
}
