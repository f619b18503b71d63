package io.cairn.core.driver;

/** How a driver is found: by {@code ServiceLoader}. */
public interface DriverProvider {
    /** Name used in the configuration. */
    String name();

    Driver open(DriverContext context) throws DriverException;
}
