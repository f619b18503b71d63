package io.cairn.driver.runc;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.DriverProvider;

/** Finds the driver {@code runc} by {@code ServiceLoader}. */
public final class RuncDriverProvider implements DriverProvider {
    @Override
    public String name() {
        return RuncDriver.NAME;
    }

    @Override
    public Driver open(DriverContext context) throws DriverException {
        return Opening.open(context);
    }
}
