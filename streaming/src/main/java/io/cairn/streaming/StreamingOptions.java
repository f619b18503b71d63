package io.cairn.streaming;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * @param address where clients connect; port 0 for any free one
 * @param idleTimeout after so long without a byte in either direction a connection is closed
 * @param creationTimeout how long a client may take for its request, and then for opening its streams
 * @param tokenLife how long a URL is good for
 * @param tokensMax URLs given out and not used yet
 * @param connectionsMax connections open at the same time
 */
public record StreamingOptions(
        InetSocketAddress address, Duration idleTimeout, Duration creationTimeout, Duration tokenLife, int tokensMax, int connectionsMax) {
    /** Times and limits as the kubelet's own clients expect them of a runtime. */
    public static StreamingOptions defaults(InetSocketAddress address) {
        return new StreamingOptions(address, Duration.ofHours(4), Duration.ofSeconds(30), Duration.ofMinutes(1), 1000, 2000);
    }

    public StreamingOptions withIdleTimeout(Duration timeout) {
        return new StreamingOptions(address, timeout, creationTimeout, tokenLife, tokensMax, connectionsMax);
    }

    public StreamingOptions withCreationTimeout(Duration timeout) {
        return new StreamingOptions(address, idleTimeout, timeout, tokenLife, tokensMax, connectionsMax);
    }

    public StreamingOptions withTokenLife(Duration life) {
        return new StreamingOptions(address, idleTimeout, creationTimeout, life, tokensMax, connectionsMax);
    }

    public StreamingOptions withLimits(int tokens, int connections) {
        return new StreamingOptions(address, idleTimeout, creationTimeout, tokenLife, tokens, connections);
    }
}
