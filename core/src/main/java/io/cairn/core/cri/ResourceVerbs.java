package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.effect.Operations;
import io.cairn.proto.cri.UpdateContainerResourcesRequest;
import io.cairn.proto.cri.UpdateContainerResourcesResponse;
import io.cairn.proto.cri.UpdatePodSandboxResourcesRequest;
import io.cairn.proto.cri.UpdatePodSandboxResourcesResponse;
import io.cairn.proto.cri.UpdateRuntimeConfigRequest;
import io.cairn.proto.cri.UpdateRuntimeConfigResponse;

/** The verbs that change what is in force. */
final class ResourceVerbs {
    final Verb<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse> updateContainerResources;
    final Verb<UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse> updatePodSandboxResources;
    final Verb<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse> updateRuntimeConfig;

    ResourceVerbs(Operations operations, Lookup lookup) {
        this.updateContainerResources = (request, call) -> {
            if (!request.hasLinux()) {
                throw Call.invalid("linux: expected the limits to be changed, but they are missing");
            }
            Limit.check("linux", request.getLinux());
            String id = lookup.container(request.getContainerId(), call).id();
            call.unwrap(operations.containers().update(new Command.UpdateContainer(id, request.getLinux()), call.origin()));
            return UpdateContainerResourcesResponse.getDefaultInstance();
        };
        this.updatePodSandboxResources = (request, call) -> {
            Limit.check("overhead", request.getOverhead());
            Limit.check("resources", request.getResources());
            String id = lookup.sandbox(request.getPodSandboxId(), call).id();
            call.unwrap(operations.sandboxes().update(new Command.UpdateSandbox(id, request.getOverhead(), request.getResources()),
                    call.origin()));
            return UpdatePodSandboxResourcesResponse.getDefaultInstance();
        };
        this.updateRuntimeConfig = (request, call) -> {
            String ranges = Valid.addressRanges("runtime_config.network_config.pod_cidr",
                    request.getRuntimeConfig().getNetworkConfig().getPodCidr());
            call.unwrap(operations.networks().configure(new Command.UpdateRuntimeConfig(ranges), call.origin()));
            return UpdateRuntimeConfigResponse.getDefaultInstance();
        };
    }
}
