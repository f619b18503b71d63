package io.cairn.core.cri;

import io.cairn.proto.cri.AttachRequest;
import io.cairn.proto.cri.AttachResponse;
import io.cairn.proto.cri.CheckpointContainerRequest;
import io.cairn.proto.cri.CheckpointContainerResponse;
import io.cairn.proto.cri.ContainerEventResponse;
import io.cairn.proto.cri.ContainerStatsRequest;
import io.cairn.proto.cri.ContainerStatsResponse;
import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.ContainerStatusResponse;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.CreateContainerResponse;
import io.cairn.proto.cri.ExecRequest;
import io.cairn.proto.cri.ExecResponse;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.ExecSyncResponse;
import io.cairn.proto.cri.GetEventsRequest;
import io.cairn.proto.cri.ListContainerStatsRequest;
import io.cairn.proto.cri.ListContainerStatsResponse;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.ListContainersResponse;
import io.cairn.proto.cri.ListMetricDescriptorsRequest;
import io.cairn.proto.cri.ListMetricDescriptorsResponse;
import io.cairn.proto.cri.ListPodSandboxMetricsRequest;
import io.cairn.proto.cri.ListPodSandboxMetricsResponse;
import io.cairn.proto.cri.ListPodSandboxRequest;
import io.cairn.proto.cri.ListPodSandboxResponse;
import io.cairn.proto.cri.ListPodSandboxStatsRequest;
import io.cairn.proto.cri.ListPodSandboxStatsResponse;
import io.cairn.proto.cri.PodSandboxStatsRequest;
import io.cairn.proto.cri.PodSandboxStatsResponse;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.PodSandboxStatusResponse;
import io.cairn.proto.cri.PortForwardRequest;
import io.cairn.proto.cri.PortForwardResponse;
import io.cairn.proto.cri.RemoveContainerRequest;
import io.cairn.proto.cri.RemoveContainerResponse;
import io.cairn.proto.cri.RemovePodSandboxRequest;
import io.cairn.proto.cri.RemovePodSandboxResponse;
import io.cairn.proto.cri.ReopenContainerLogRequest;
import io.cairn.proto.cri.ReopenContainerLogResponse;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.proto.cri.RunPodSandboxResponse;
import io.cairn.proto.cri.RuntimeConfigRequest;
import io.cairn.proto.cri.RuntimeConfigResponse;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.proto.cri.StartContainerRequest;
import io.cairn.proto.cri.StartContainerResponse;
import io.cairn.proto.cri.StatusRequest;
import io.cairn.proto.cri.StatusResponse;
import io.cairn.proto.cri.StopContainerRequest;
import io.cairn.proto.cri.StopContainerResponse;
import io.cairn.proto.cri.StopPodSandboxRequest;
import io.cairn.proto.cri.StopPodSandboxResponse;
import io.cairn.proto.cri.StreamContainerStatsRequest;
import io.cairn.proto.cri.StreamContainerStatsResponse;
import io.cairn.proto.cri.StreamContainersRequest;
import io.cairn.proto.cri.StreamContainersResponse;
import io.cairn.proto.cri.StreamPodSandboxMetricsRequest;
import io.cairn.proto.cri.StreamPodSandboxMetricsResponse;
import io.cairn.proto.cri.StreamPodSandboxStatsRequest;
import io.cairn.proto.cri.StreamPodSandboxStatsResponse;
import io.cairn.proto.cri.StreamPodSandboxesRequest;
import io.cairn.proto.cri.StreamPodSandboxesResponse;
import io.cairn.proto.cri.UpdateContainerResourcesRequest;
import io.cairn.proto.cri.UpdateContainerResourcesResponse;
import io.cairn.proto.cri.UpdatePodSandboxResourcesRequest;
import io.cairn.proto.cri.UpdatePodSandboxResourcesResponse;
import io.cairn.proto.cri.UpdateRuntimeConfigRequest;
import io.cairn.proto.cri.UpdateRuntimeConfigResponse;
import io.cairn.proto.cri.VersionRequest;
import io.cairn.proto.cri.VersionResponse;
import io.grpc.stub.StreamObserver;

/** The generated service's methods, each handed to its verb. */
final class RuntimeService extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    private final Dispatcher dispatcher;
    private final RuntimeVerbs verbs;

    RuntimeService(Dispatcher dispatcher, RuntimeVerbs verbs) {
        this.dispatcher = dispatcher;
        this.verbs = verbs;
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> client) {
        dispatcher.serve("Version", request, verbs.version, client);
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> client) {
        dispatcher.serve("Status", request, verbs.status, client);
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> client) {
        dispatcher.serve("RuntimeConfig", request, verbs.runtimeConfig, client);
    }

    @Override
    public void runPodSandbox(RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> client) {
        dispatcher.serve("RunPodSandbox", request, verbs.runPodSandbox, client);
    }

    @Override
    public void stopPodSandbox(StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> client) {
        dispatcher.serve("StopPodSandbox", request, verbs.stopPodSandbox, client);
    }

    @Override
    public void removePodSandbox(RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> client) {
        dispatcher.serve("RemovePodSandbox", request, verbs.removePodSandbox, client);
    }

    @Override
    public void podSandboxStatus(PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> client) {
        dispatcher.serve("PodSandboxStatus", request, verbs.podSandboxStatus, client);
    }

    @Override
    public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> client) {
        dispatcher.serve("ListPodSandbox", request, verbs.listPodSandbox, client);
    }

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> client) {
        dispatcher.serve("CreateContainer", request, verbs.createContainer, client);
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> client) {
        dispatcher.serve("StartContainer", request, verbs.startContainer, client);
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> client) {
        dispatcher.serve("StopContainer", request, verbs.stopContainer, client);
    }

    @Override
    public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> client) {
        dispatcher.serve("RemoveContainer", request, verbs.removeContainer, client);
    }

    @Override
    public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> client) {
        dispatcher.serve("ListContainers", request, verbs.listContainers, client);
    }

    @Override
    public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> client) {
        dispatcher.serve("ContainerStatus", request, verbs.containerStatus, client);
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> client) {
        dispatcher.serve("ExecSync", request, verbs.execSync, client);
    }

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> client) {
        dispatcher.serve("Exec", request, verbs.exec, client);
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> client) {
        dispatcher.serve("Attach", request, verbs.attach, client);
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> client) {
        dispatcher.serve("PortForward", request, verbs.portForward, client);
    }

    @Override
    public void reopenContainerLog(ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> client) {
        dispatcher.serve("ReopenContainerLog", request, verbs.reopenContainerLog, client);
    }

    @Override
    public void streamPodSandboxes(StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> client) {
        dispatcher.stream("StreamPodSandboxes", request, verbs.streamPodSandboxes, client);
    }

    @Override
    public void streamContainers(StreamContainersRequest request, StreamObserver<StreamContainersResponse> client) {
        dispatcher.stream("StreamContainers", request, verbs.streamContainers, client);
    }

    @Override
    public void containerStats(ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> client) {
        dispatcher.serve("ContainerStats", request, verbs.stats.containerStats, client);
    }

    @Override
    public void listContainerStats(ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> client) {
        dispatcher.serve("ListContainerStats", request, verbs.stats.listContainerStats, client);
    }

    @Override
    public void streamContainerStats(StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> client) {
        dispatcher.stream("StreamContainerStats", request, verbs.stats.streamContainerStats, client);
    }

    @Override
    public void podSandboxStats(PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> client) {
        dispatcher.serve("PodSandboxStats", request, verbs.stats.podSandboxStats, client);
    }

    @Override
    public void listPodSandboxStats(ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> client) {
        dispatcher.serve("ListPodSandboxStats", request, verbs.stats.listPodSandboxStats, client);
    }

    @Override
    public void streamPodSandboxStats(StreamPodSandboxStatsRequest request, StreamObserver<StreamPodSandboxStatsResponse> client) {
        dispatcher.stream("StreamPodSandboxStats", request, verbs.stats.streamPodSandboxStats, client);
    }

    @Override
    public void listMetricDescriptors(ListMetricDescriptorsRequest request, StreamObserver<ListMetricDescriptorsResponse> client) {
        dispatcher.serve("ListMetricDescriptors", request, verbs.stats.listMetricDescriptors, client);
    }

    @Override
    public void listPodSandboxMetrics(ListPodSandboxMetricsRequest request, StreamObserver<ListPodSandboxMetricsResponse> client) {
        dispatcher.serve("ListPodSandboxMetrics", request, verbs.stats.listPodSandboxMetrics, client);
    }

    @Override
    public void streamPodSandboxMetrics(StreamPodSandboxMetricsRequest request, StreamObserver<StreamPodSandboxMetricsResponse> client) {
        dispatcher.stream("StreamPodSandboxMetrics", request, verbs.stats.streamPodSandboxMetrics, client);
    }

    @Override
    public void updateContainerResources(UpdateContainerResourcesRequest request, StreamObserver<UpdateContainerResourcesResponse> client) {
        dispatcher.serve("UpdateContainerResources", request, verbs.resources.updateContainerResources, client);
    }

    @Override
    public void updatePodSandboxResources(UpdatePodSandboxResourcesRequest request, StreamObserver<UpdatePodSandboxResourcesResponse> client) {
        dispatcher.serve("UpdatePodSandboxResources", request, verbs.resources.updatePodSandboxResources, client);
    }

    @Override
    public void updateRuntimeConfig(UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> client) {
        dispatcher.serve("UpdateRuntimeConfig", request, verbs.resources.updateRuntimeConfig, client);
    }

    @Override
    public void checkpointContainer(CheckpointContainerRequest request, StreamObserver<CheckpointContainerResponse> client) {
        dispatcher.serve("CheckpointContainer", request, verbs.checkpointContainer, client);
    }

    @Override
    public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> client) {
        dispatcher.stream("GetContainerEvents", request, verbs.getContainerEvents, client);
    }
}
