package io.cairn.core.cri;

import io.cairn.proto.cri.VersionRequest;
import io.cairn.proto.cri.VersionResponse;
import io.cairn.proto.cri.StatusRequest;
import io.cairn.proto.cri.StatusResponse;
import io.cairn.proto.cri.RuntimeConfigRequest;
import io.cairn.proto.cri.RuntimeConfigResponse;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.proto.cri.RunPodSandboxResponse;
import io.cairn.proto.cri.StopPodSandboxRequest;
import io.cairn.proto.cri.StopPodSandboxResponse;
import io.cairn.proto.cri.RemovePodSandboxRequest;
import io.cairn.proto.cri.RemovePodSandboxResponse;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.PodSandboxStatusResponse;
import io.cairn.proto.cri.ListPodSandboxRequest;
import io.cairn.proto.cri.ListPodSandboxResponse;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.CreateContainerResponse;
import io.cairn.proto.cri.StartContainerRequest;
import io.cairn.proto.cri.StartContainerResponse;
import io.cairn.proto.cri.StopContainerRequest;
import io.cairn.proto.cri.StopContainerResponse;
import io.cairn.proto.cri.RemoveContainerRequest;
import io.cairn.proto.cri.RemoveContainerResponse;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.ListContainersResponse;
import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.ContainerStatusResponse;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.ExecSyncResponse;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.grpc.stub.StreamObserver;

/** The generated service's methods, each handed to its verb. A method that is not here answers UNIMPLEMENTED. */
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
}
