package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;

/** The image of the containers that hold pods' namespaces. Thread-safe. */
@FunctionalInterface
interface PauseImage {
    /** Brings it to the engine if it is not there. @return its id */
    String id() throws DriverException;
}
