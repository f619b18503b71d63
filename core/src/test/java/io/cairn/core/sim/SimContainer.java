package io.cairn.core.sim;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.ExitReport;
import io.cairn.proto.cri.LinuxContainerResources;

/** A container of the simulated world. What its program does is named by the first word of its command, see {@link Programs}. */
final class SimContainer {
    enum Phase {
        HALF_MADE,
        CREATED,
        RUNNING,
        EXITED
    }

    final ContainerSpec spec;
    Phase phase = Phase.HALF_MADE;
    long pid;
    long startedAtNanos;
    ExitReport exit;
    LinuxContainerResources limits;

    SimContainer(ContainerSpec spec) {
        this.spec = spec;
        this.limits = spec.config().getLinux().getResources();
    }

    String program() {
        return spec.config().getCommandCount() == 0 ? Programs.SLEEP : spec.config().getCommand(0);
    }
}
