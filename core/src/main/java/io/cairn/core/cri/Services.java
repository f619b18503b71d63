package io.cairn.core.cri;

import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.feed.EventFeed;
import io.cairn.core.stats.Meter;
import io.cairn.streaming.StreamingServer;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.vavr.collection.Set;

/** The two services of CRI v1, put together from their verbs. */
public record Services(ServerServiceDefinition runtime, ServerServiceDefinition image) {
    /** @param pinned canonical references of images the kubelet must not remove */
    public static Services over(Engine engine, Operations operations, Drivers drivers, PodNetworks networks, Meter meter, EventFeed feed,
            StreamingServer streaming, AccessLog access, Clock clock, String version, Set<String> pinned) {
        var dispatcher = new Dispatcher(access, clock);
        var lookup = new Lookup(engine, drivers);
        var runtime = new RuntimeService(dispatcher, new RuntimeVerbs(engine, operations, drivers, networks, lookup, meter, feed,
                new StreamUrls(streaming), clock, version));
        var image = new ImageService(dispatcher, new ImageVerbs(engine, operations, drivers, lookup, clock, pinned));
        return new Services(ServerInterceptors.intercept(runtime, Dispatcher.peerInterceptor()),
                ServerInterceptors.intercept(image, Dispatcher.peerInterceptor()));
    }
}
