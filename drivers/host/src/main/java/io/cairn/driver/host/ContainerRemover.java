package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;

/** Takes a container away from whatever point it has come to, as {@link io.cairn.core.driver.Driver#removeContainer} promises it. */
@FunctionalInterface
public interface ContainerRemover {
    void remove(String id) throws DriverException;
}
