package io.cairn.core.driver;

import io.cairn.proto.journal.ContainerExited;
import io.cairn.proto.journal.Evidence;
import io.vavr.control.Option;

/**
 * How a container ended, and who says so.
 *
 * @param exitCode 0–255, 128 + signal for a signal; none when nobody saw it
 * @param notBeforeNanos wall time; the exit happened between this and {@code notAfterNanos}, equal when seen exactly
 */
public record ExitReport(Option<Integer> exitCode, boolean oomKilled, long notBeforeNanos, long notAfterNanos, Evidence evidence) {
    public ContainerExited toEvent(String containerId) {
        var event = ContainerExited.newBuilder().setContainerId(containerId).setOomKilled(oomKilled)
                .setFinishedNotBeforeNanos(notBeforeNanos).setFinishedNotAfterNanos(notAfterNanos).setEvidence(evidence);
        exitCode.forEach(event::setExitCode);
        return event.build();
    }
}
