package io.cairn.core.cri;

import io.cairn.core.domain.Sandbox;
import io.cairn.core.engine.Engine;
import io.cairn.core.stats.Meter;
import io.cairn.proto.cri.PodSandboxStatsFilter;
import io.cairn.proto.cri.PodSandboxStatsRequest;
import io.cairn.proto.cri.PodSandboxStatsResponse;
import io.vavr.collection.Iterator;

/** CRI PodSandboxStats, ListPodSandboxStats and StreamPodSandboxStats. Lists hold the pods that are ready. */
final class PodSandboxStats implements Verb<PodSandboxStatsRequest, PodSandboxStatsResponse> {
    private final Engine engine;
    private final Lookup lookup;
    private final Meter meter;

    PodSandboxStats(Engine engine, Lookup lookup, Meter meter) {
        this.engine = engine;
        this.lookup = lookup;
        this.meter = meter;
    }

    @Override
    public PodSandboxStatsResponse serve(PodSandboxStatsRequest request, Call call) {
        Sandbox sandbox = lookup.sandbox(request.getPodSandboxId(), call);
        return PodSandboxStatsResponse.newBuilder().setStats(StatsReplies.pod(meter.pod(sandbox))).build();
    }

    /** Each is read as it is asked for. */
    Iterator<io.cairn.proto.cri.PodSandboxStats> entries(PodSandboxStatsFilter filter) {
        return engine.state().sandboxes().valuesIterator().filter(s -> s.isReady() && matches(s, filter)).map(meter::pod)
                .map(StatsReplies::pod);
    }

    private static boolean matches(Sandbox sandbox, PodSandboxStatsFilter filter) {
        return sandbox.id().startsWith(filter.getId())
                && sandbox.config().getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
    }
}
