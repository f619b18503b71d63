package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Engine;
import io.cairn.core.stats.Meter;
import io.cairn.proto.cri.ContainerStatsFilter;
import io.cairn.proto.cri.ContainerStatsRequest;
import io.cairn.proto.cri.ContainerStatsResponse;
import io.vavr.collection.Iterator;
import io.vavr.collection.Vector;

/** CRI ContainerStats, ListContainerStats and StreamContainerStats. Lists hold what runs: the rest uses nothing any more. */
final class ContainerStats implements Verb<ContainerStatsRequest, ContainerStatsResponse> {
    /** So many containers are asked for their writable layer together. */
    private static final int GROUP = 128;

    private final Engine engine;
    private final Lookup lookup;
    private final Meter meter;

    ContainerStats(Engine engine, Lookup lookup, Meter meter) {
        this.engine = engine;
        this.lookup = lookup;
        this.meter = meter;
    }

    @Override
    public ContainerStatsResponse serve(ContainerStatsRequest request, Call call) {
        Container container = lookup.container(request.getContainerId(), call);
        return ContainerStatsResponse.newBuilder().setStats(StatsReplies.container(meter.containers(Vector.of(container)).head())).build();
    }

    /** Each is read as it is asked for. */
    Iterator<io.cairn.proto.cri.ContainerStats> entries(ContainerStatsFilter filter) {
        State state = engine.state();
        return state.containers().valuesIterator().filter(c -> c.isRunning() && matches(c, filter)).grouped(GROUP)
                .flatMap(group -> meter.containers(group.toVector())).map(StatsReplies::container);
    }

    private static boolean matches(Container container, ContainerStatsFilter filter) {
        return container.id().startsWith(filter.getId())
                && container.sandboxId().startsWith(filter.getPodSandboxId())
                && container.config().getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
    }
}
