package io.cairn.core.driver;

import io.vavr.collection.Vector;

/** How a driver is found: by {@code ServiceLoader}. */
public interface DriverProvider {
    /** Name used in the configuration. */
    String name();

    Driver open(DriverContext context) throws DriverException;

    /**
     * Looks whether a driver could be opened, and work, without opening one: makes and changes nothing, while a daemon runs or not.
     *
     * @param context its directories need not exist
     * @return nothing where the driver has nothing to say
     */
    default Vector<Finding> examine(DriverContext context) {
        return Vector.empty();
    }
}
