package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;

/** The OCI runtimes below a driver, by runtime handler; the empty handler is the driver's own. Thread-safe, and cheap to ask. */
public interface OciRuntimes {
    /**
     * The runtime that is to run a handler's pods.
     *
     * @return its name, for messages
     * @throws DriverException there is no such handler, or its runtime cannot be used
     */
    String require(String handler) throws DriverException;

    /** {@link OciFeatures#NONE} for a handler that is not known. */
    OciFeatures features(String handler);
}
