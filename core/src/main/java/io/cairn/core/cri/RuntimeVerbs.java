package io.cairn.core.cri;

import io.cairn.core.driver.CgroupDriver;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.feed.EventFeed;
import io.cairn.core.stats.Meter;
import io.cairn.proto.cri.ContainerEventResponse;
import io.cairn.proto.cri.AttachRequest;
import io.cairn.proto.cri.AttachResponse;
import io.cairn.proto.cri.CheckpointContainerRequest;
import io.cairn.proto.cri.CheckpointContainerResponse;
import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.ContainerStatusResponse;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.CreateContainerResponse;
import io.cairn.proto.cri.ExecRequest;
import io.cairn.proto.cri.ExecResponse;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.ExecSyncResponse;
import io.cairn.proto.cri.GetEventsRequest;
import io.cairn.proto.cri.LinuxRuntimeConfiguration;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.ListContainersResponse;
import io.cairn.proto.cri.ListPodSandboxRequest;
import io.cairn.proto.cri.ListPodSandboxResponse;
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
import io.cairn.proto.cri.StartContainerRequest;
import io.cairn.proto.cri.StartContainerResponse;
import io.cairn.proto.cri.StatusRequest;
import io.cairn.proto.cri.StatusResponse;
import io.cairn.proto.cri.StopContainerRequest;
import io.cairn.proto.cri.StopContainerResponse;
import io.cairn.proto.cri.StopPodSandboxRequest;
import io.cairn.proto.cri.StopPodSandboxResponse;
import io.cairn.proto.cri.StreamContainersRequest;
import io.cairn.proto.cri.StreamContainersResponse;
import io.cairn.proto.cri.StreamPodSandboxesRequest;
import io.cairn.proto.cri.StreamPodSandboxesResponse;
import io.cairn.proto.cri.VersionRequest;
import io.cairn.proto.cri.VersionResponse;

/** The verbs of the runtime service; those of one line are here, the others have a class each. */
final class RuntimeVerbs {
    final Verb<VersionRequest, VersionResponse> version;
    final Verb<StatusRequest, StatusResponse> status;
    final Verb<RuntimeConfigRequest, RuntimeConfigResponse> runtimeConfig;
    final Verb<RunPodSandboxRequest, RunPodSandboxResponse> runPodSandbox;
    final Verb<StopPodSandboxRequest, StopPodSandboxResponse> stopPodSandbox;
    final Verb<RemovePodSandboxRequest, RemovePodSandboxResponse> removePodSandbox;
    final Verb<PodSandboxStatusRequest, PodSandboxStatusResponse> podSandboxStatus;
    final Verb<ListPodSandboxRequest, ListPodSandboxResponse> listPodSandbox;
    final Verb<CreateContainerRequest, CreateContainerResponse> createContainer;
    final Verb<StartContainerRequest, StartContainerResponse> startContainer;
    final Verb<StopContainerRequest, StopContainerResponse> stopContainer;
    final Verb<RemoveContainerRequest, RemoveContainerResponse> removeContainer;
    final Verb<ListContainersRequest, ListContainersResponse> listContainers;
    final Verb<ContainerStatusRequest, ContainerStatusResponse> containerStatus;
    final Verb<ExecSyncRequest, ExecSyncResponse> execSync;
    final Verb<ExecRequest, ExecResponse> exec;
    final Verb<AttachRequest, AttachResponse> attach;
    final Verb<PortForwardRequest, PortForwardResponse> portForward;
    final Verb<ReopenContainerLogRequest, ReopenContainerLogResponse> reopenContainerLog;
    final StreamVerb<StreamPodSandboxesRequest, StreamPodSandboxesResponse> streamPodSandboxes;
    final StreamVerb<StreamContainersRequest, StreamContainersResponse> streamContainers;
    final StreamVerb<GetEventsRequest, ContainerEventResponse> getContainerEvents;
    final Verb<CheckpointContainerRequest, CheckpointContainerResponse> checkpointContainer;
    final StatsVerbs stats;
    final ResourceVerbs resources;

    RuntimeVerbs(Engine engine, Operations operations, Drivers drivers, PodNetworks networks, Lookup lookup, Meter meter, EventFeed feed,
            StreamUrls urls, Clock clock, String version) {
        this.version = (request, call) -> VersionResponse.newBuilder().setVersion("0.1.0").setRuntimeName("cairn")
                .setRuntimeVersion(version).setRuntimeApiVersion("v1").build();
        this.status = new Status(drivers, operations.networks(), version);
        this.runtimeConfig = (request, call) -> runtimeConfig(drivers.defaultDriver().cgroupDriver());
        this.runPodSandbox = new RunPodSandbox(operations.sandboxes(), drivers);
        this.stopPodSandbox = (request, call) -> {
            call.unwrap(operations.sandboxes().stop(lookup.sandboxId(request.getPodSandboxId(), call), call.origin()));
            return StopPodSandboxResponse.getDefaultInstance();
        };
        this.removePodSandbox = (request, call) -> {
            call.unwrap(operations.sandboxes().remove(lookup.sandboxId(request.getPodSandboxId(), call), call.origin()));
            return RemovePodSandboxResponse.getDefaultInstance();
        };
        this.podSandboxStatus = new PodSandboxStatus(engine, lookup, networks);
        var podLister = new ListPodSandbox(engine);
        this.listPodSandbox = podLister;
        this.streamPodSandboxes = (request, call) -> Chunks.of(podLister.entries(request.getFilter()),
                chunk -> StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(chunk).build());
        this.createContainer = new CreateContainer(operations.containers(), drivers, lookup);
        this.startContainer = (request, call) -> {
            call.unwrap(operations.starts().start(lookup.containerId(request.getContainerId(), call), call.origin()));
            return StartContainerResponse.getDefaultInstance();
        };
        this.stopContainer = new StopContainer(operations.containers(), lookup);
        this.removeContainer = (request, call) -> {
            call.unwrap(operations.containers().remove(lookup.containerId(request.getContainerId(), call), call.origin()));
            return RemoveContainerResponse.getDefaultInstance();
        };
        var containerLister = new ListContainers(engine);
        this.listContainers = containerLister;
        this.streamContainers = (request, call) -> Chunks.of(containerLister.entries(request.getFilter()),
                chunk -> StreamContainersResponse.newBuilder().addAllContainers(chunk).build());
        this.containerStatus = new ContainerStatus(engine, drivers, lookup);
        this.execSync = new ExecSync(operations.execs(), lookup);
        this.getContainerEvents = new ContainerEvents(feed);
        this.exec = new Exec(operations.streams(), urls, lookup);
        this.attach = new Attach(operations.streams(), urls, lookup);
        this.portForward = new PortForward(operations.streams(), urls, lookup);
        this.reopenContainerLog = new ReopenContainerLog(operations.streams(), lookup);
        this.checkpointContainer = new CheckpointContainer(operations.checkpoints(), lookup);
        this.stats = new StatsVerbs(engine, lookup, meter);
        this.resources = new ResourceVerbs(operations, lookup);
    }

    private static RuntimeConfigResponse runtimeConfig(CgroupDriver driver) {
        var answer = switch (driver) {
            case CGROUPFS -> io.cairn.proto.cri.CgroupDriver.CGROUPFS;
            case SYSTEMD -> io.cairn.proto.cri.CgroupDriver.SYSTEMD;
        };
        return RuntimeConfigResponse.newBuilder().setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(answer)).build();
    }
}
