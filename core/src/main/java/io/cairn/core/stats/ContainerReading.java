package io.cairn.core.stats;

import io.cairn.cgroups.CgroupUse;
import io.cairn.core.domain.Container;
import io.cairn.core.driver.LayerUse;
import io.vavr.control.Option;

/**
 * What a container uses.
 *
 * @param atNanos wall time of the reading
 * @param use none when it has no process
 * @param nanoCores nanoseconds of processor time in a second; none until it was read twice
 * @param layer none until it was measured
 */
public record ContainerReading(Container container, long atNanos, Option<CgroupUse> use, Option<Long> nanoCores, Option<Layer> layer) {
    /** @param atNanos wall time at which it was measured */
    public record Layer(LayerUse use, long atNanos) {}
}
