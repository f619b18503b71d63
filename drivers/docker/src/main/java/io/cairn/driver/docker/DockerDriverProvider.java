package io.cairn.driver.docker;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.DriverProvider;
import io.cairn.core.driver.Finding;
import io.vavr.collection.Vector;

/** Finds the driver {@code docker} by {@code ServiceLoader}. */
public final class DockerDriverProvider implements DriverProvider {
    @Override
    public String name() {
        return DockerDriver.NAME;
    }

    @Override
    public Driver open(DriverContext context) throws DriverException {
        return Opening.open(context);
    }

    @Override
    public Vector<Finding> examine(DriverContext context) {
        return Examination.of(context);
    }
}
