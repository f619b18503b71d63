package io.cairn.core.cri;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.Features;
import io.cairn.core.driver.Health;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.NetworkOperations;
import io.cairn.network.NetworkStatus;
import io.cairn.proto.cri.RuntimeCondition;
import io.cairn.proto.cri.RuntimeFeatures;
import io.cairn.proto.cri.RuntimeHandler;
import io.cairn.proto.cri.RuntimeHandlerFeatures;
import io.cairn.proto.cri.RuntimeStatus;
import io.cairn.proto.cri.StatusRequest;
import io.cairn.proto.cri.StatusResponse;

/** CRI Status: whether pods can run now, and why not. */
final class Status implements Verb<StatusRequest, StatusResponse> {
    private final Drivers drivers;
    private final NetworkOperations networks;
    private final String version;

    Status(Drivers drivers, NetworkOperations networks, String version) {
        this.drivers = drivers;
        this.networks = networks;
        this.version = version;
    }

    @Override
    public StatusResponse serve(StatusRequest request, Call call) {
        Features features = drivers.defaultDriver().features("");
        var response = StatusResponse.newBuilder()
                .setStatus(RuntimeStatus.newBuilder().addConditions(runtimeReady()).addConditions(networkReady(call)))
                .setFeatures(RuntimeFeatures.newBuilder()
                        .setSupplementalGroupsPolicy(features.supplementalGroupsPolicy())
                        .setUserNamespacesHostNetwork(features.userNamespacesHostNetwork()))
                .addRuntimeHandlers(handler("", drivers.defaultDriver()));
        drivers.handlers().forEach((name, driver) -> response.addRuntimeHandlers(handler(name, drivers.named(driver))));
        if (request.getVerbose()) {
            response.putInfo("config", Info.of(drivers, version));
        }
        return response.build();
    }

    private RuntimeCondition runtimeReady() {
        Health health = drivers.defaultDriver().health();
        return RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(health.ready()).setReason(health.reason())
                .setMessage(health.message()).build();
    }

    private RuntimeCondition networkReady(Call call) {
        var condition = RuntimeCondition.newBuilder().setType("NetworkReady");
        return switch (networks.status(call.origin())) {
            case NetworkStatus.Ready ready -> condition.setStatus(true).build();
            case NetworkStatus.NotReady not -> condition.setStatus(false).setReason("NetworkPluginNotReady").setMessage(not.reason()).build();
        };
    }

    private static RuntimeHandler handler(String name, Driver driver) {
        Features features = driver.features(name);
        return RuntimeHandler.newBuilder().setName(name).setFeatures(RuntimeHandlerFeatures.newBuilder()
                .setRecursiveReadOnlyMounts(features.recursiveReadOnlyMounts()).setUserNamespaces(features.userNamespaces())).build();
    }
}
