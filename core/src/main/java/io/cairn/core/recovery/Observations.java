package io.cairn.core.recovery;

import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.ObservationSink;
import io.cairn.core.effect.Operations;
import io.cairn.core.engine.Clock;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Evidence.Witness;

/** What drivers see, on its way to the journal. */
record Observations(Operations operations, Clock clock) implements ObservationSink {
    @Override
    public void exited(String containerId, ExitReport report) {
        operations.containers().reportExit(containerId, report);
    }

    @Override
    public void sandboxVanished(String sandboxId, String detail) {
        operations.sandboxes().reportVanished(sandboxId, Evidence.newBuilder().setWitness(Witness.PROCESS_TABLE).setDetail(detail)
                .setObservedAtNanos(clock.wallNanos()).build());
    }
}
