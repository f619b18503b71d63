package io.cairn.core.recovery;

import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.network.PodNetwork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens between replay and the first call: exits of the time without us are recorded, doubts are settled, orphans are
 * reaped. Every step is safe to repeat.
 */
public final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private Recovery() {}

    public static void run(Engine engine, Operations operations, Drivers drivers, PodNetwork network, Clock clock) {
        var reconciliation = new Reconciliation(engine, operations, drivers, network, clock);
        drivers.byName().values().forEach(driver -> driver.observe(new Observations(operations, clock)));
        reconciliation.catchUp();
        int settled = new InDoubt(engine, operations, clock).settleAll();
        reconciliation.reapOrphans();
        reconciliation.collectNetworkGarbage();
        if (settled > 0) {
            LOG.info("Settled {} intents that were open when cairn ended", settled);
        }
    }
}
