package io.cairn.core.cri;

import io.cairn.core.engine.Engine;
import io.cairn.core.stats.Meter;
import io.cairn.core.stats.MetricsMeter;
import io.cairn.proto.cri.ContainerStatsRequest;
import io.cairn.proto.cri.ContainerStatsResponse;
import io.cairn.proto.cri.ListContainerStatsRequest;
import io.cairn.proto.cri.ListContainerStatsResponse;
import io.cairn.proto.cri.ListMetricDescriptorsRequest;
import io.cairn.proto.cri.ListMetricDescriptorsResponse;
import io.cairn.proto.cri.ListPodSandboxMetricsRequest;
import io.cairn.proto.cri.ListPodSandboxMetricsResponse;
import io.cairn.proto.cri.ListPodSandboxStatsRequest;
import io.cairn.proto.cri.ListPodSandboxStatsResponse;
import io.cairn.proto.cri.PodSandboxStatsRequest;
import io.cairn.proto.cri.PodSandboxStatsResponse;
import io.cairn.proto.cri.StreamContainerStatsRequest;
import io.cairn.proto.cri.StreamContainerStatsResponse;
import io.cairn.proto.cri.StreamPodSandboxMetricsRequest;
import io.cairn.proto.cri.StreamPodSandboxMetricsResponse;
import io.cairn.proto.cri.StreamPodSandboxStatsRequest;
import io.cairn.proto.cri.StreamPodSandboxStatsResponse;

/** The verbs that tell what pods and containers use. */
final class StatsVerbs {
    final Verb<ContainerStatsRequest, ContainerStatsResponse> containerStats;
    final Verb<ListContainerStatsRequest, ListContainerStatsResponse> listContainerStats;
    final StreamVerb<StreamContainerStatsRequest, StreamContainerStatsResponse> streamContainerStats;
    final Verb<PodSandboxStatsRequest, PodSandboxStatsResponse> podSandboxStats;
    final Verb<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse> listPodSandboxStats;
    final StreamVerb<StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse> streamPodSandboxStats;
    final Verb<ListMetricDescriptorsRequest, ListMetricDescriptorsResponse> listMetricDescriptors;
    final Verb<ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse> listPodSandboxMetrics;
    final StreamVerb<StreamPodSandboxMetricsRequest, StreamPodSandboxMetricsResponse> streamPodSandboxMetrics;

    StatsVerbs(Engine engine, Lookup lookup, Meter meter) {
        var containers = new ContainerStats(engine, lookup, meter);
        this.containerStats = containers;
        this.listContainerStats = (request, call) ->
                ListContainerStatsResponse.newBuilder().addAllStats(containers.entries(request.getFilter())).build();
        this.streamContainerStats = (request, call) -> Chunks.of(containers.entries(request.getFilter()),
                chunk -> StreamContainerStatsResponse.newBuilder().addAllContainerStats(chunk).build());
        var pods = new PodSandboxStats(engine, lookup, meter);
        this.podSandboxStats = pods;
        this.listPodSandboxStats = (request, call) ->
                ListPodSandboxStatsResponse.newBuilder().addAllStats(pods.entries(request.getFilter())).build();
        this.streamPodSandboxStats = (request, call) -> Chunks.of(pods.entries(request.getFilter()),
                chunk -> StreamPodSandboxStatsResponse.newBuilder().addAllPodSandboxStats(chunk).build());
        var metrics = new PodSandboxMetrics(engine, new MetricsMeter(meter));
        this.listMetricDescriptors = (request, call) ->
                ListMetricDescriptorsResponse.newBuilder().addAllDescriptors(MetricTable.descriptors()).build();
        this.listPodSandboxMetrics = (request, call) -> ListPodSandboxMetricsResponse.newBuilder().addAllPodMetrics(metrics.entries()).build();
        this.streamPodSandboxMetrics = (request, call) -> Chunks.of(metrics.entries(),
                chunk -> StreamPodSandboxMetricsResponse.newBuilder().addAllPodSandboxMetrics(chunk).build());
    }
}
