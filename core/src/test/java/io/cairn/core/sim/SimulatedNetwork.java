package io.cairn.core.sim;

import io.cairn.core.driver.DriverException;
import io.cairn.network.AttachRequest;
import io.cairn.network.Attachment;
import io.cairn.network.DetachRequest;
import io.cairn.network.DnsConfig;
import io.cairn.network.NetworkException;
import io.cairn.network.NetworkFailures;
import io.cairn.network.NetworkStatus;
import io.cairn.network.PodNetwork;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Option;

/** Addresses of the simulated world. Pods whose name begins with {@code no-network} cannot be attached. */
public final class SimulatedNetwork implements PodNetwork {
    private final World world;
    private final Points points;

    public SimulatedNetwork(World world, Points points) {
        this.world = world;
        this.points = points;
    }

    @Override
    public NetworkStatus status() {
        return new NetworkStatus.Ready("simulated", "1.1.0", List.of("simulated"), "/etc/cni/net.d/simulated.conflist", List.empty());
    }

    @Override
    public Attachment attach(AttachRequest request) throws NetworkException {
        points.pass("attach begins");
        begin("attach", request.pod().sandboxId());
        if (request.pod().name().startsWith("no-network")) {
            throw NetworkFailures.pluginFailed("the simulated network has no address left");
        }
        String id = request.pod().sandboxId();
        String address;
        synchronized (world) {
            World.Ground ground = world.grounds.get(id);
            world.require(ground != null && ground.whole && ground.held, "a network is attached to a namespace that is not there");
            world.attached.add(id);
        }
        points.pass("attach half done");
        begin("attach half", id);
        synchronized (world) {
            address = world.addresses.entrySet().stream().filter(e -> e.getValue().equals(id)).map(java.util.Map.Entry::getKey).findFirst()
                    .orElseGet(() -> firstFree(id));
        }
        points.pass("attach done");
        begin("attach done", id);
        return new Attachment("simulated", List.of(new Attachment.Ip(address, 24, Option.none(), Option.none())), List.empty(), List.empty(),
                new DnsConfig(List.empty(), List.empty(), List.empty()), "{}");
    }

    private String firstFree(String id) {
        int last = 2;
        while (world.addresses.containsKey("10.88.0." + last)) {
            last++;
        }
        world.addresses.put("10.88.0." + last, id);
        return "10.88.0." + last;
    }

    @Override
    public void detach(DetachRequest request) throws NetworkException {
        points.pass("detach begins");
        begin("detach", request.pod().sandboxId());
        synchronized (world) {
            world.addresses.values().removeIf(request.pod().sandboxId()::equals);
        }
        points.pass("detach half done");
        begin("detach half", request.pod().sandboxId());
        synchronized (world) {
            world.attached.remove(request.pod().sandboxId());
        }
        points.pass("detach done");
        begin("detach done", request.pod().sandboxId());
    }

    @Override
    public void check(String sandboxId) {}

    @Override
    public Set<String> attachments() {
        synchronized (world) {
            return HashSet.ofAll(world.attached);
        }
    }

    @Override
    public Configured configure(List<String> podRanges) {
        return new Configured.NotNeeded("it is simulated");
    }

    @Override
    public void gc(Set<String> validSandboxIds) throws NetworkException {
        for (String id : attachments().filter(id -> !validSandboxIds.contains(id))) {
            detach(new DetachRequest(new io.cairn.network.PodIdentity(id, "", "", ""), Option.none(), List.empty()));
        }
    }

    private void begin(String step, String id) throws NetworkException {
        try {
            world.begin(step, id);
        } catch (DriverException e) {
            throw NetworkFailures.pluginFailed(e.getMessage());
        }
    }
}
