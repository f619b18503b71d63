package io.cairn.streaming;

import io.cairn.streaming.Endpoint.Stdio;
import io.netty.handler.codec.spdy.SpdyHeaders;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects the streams of an exec or an attachment, told apart by their header {@code streamtype}, and begins when all are there. */
final class SpdyCommand implements SpdyWire.Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger(SpdyCommand.class);

    private final Endpoint.Opener<Session> opener;
    private final Statuses statuses;
    private final Set<String> expected;
    private final Duration patience;
    private SpdyWire wire;
    private Map<String, Lane> lanes = HashMap.empty();

    /** @param protocol agreed on with the client */
    SpdyCommand(Stdio stdio, Endpoint.Opener<Session> opener, String protocol, Duration patience) {
        this.opener = opener;
        this.statuses = protocol.equals("v4.channel.k8s.io") ? Statuses.JSON : Statuses.WORDS;
        this.expected = expected(stdio, protocol);
        this.patience = patience;
    }

    /** Sizes of terminals came with v3. */
    private static Set<String> expected(Stdio stdio, String protocol) {
        boolean resizes = stdio.tty() && (protocol.startsWith("v4.") || protocol.startsWith("v3."));
        return HashMap.of("error", true, "stdin", stdio.stdin(), "stdout", stdio.stdout(), "stderr", stdio.stderr(), "resize", resizes)
                .filterValues(wanted -> wanted).keySet();
    }

    @Override
    public void begin(SpdyWire begun) {
        wire = begun;
        begun.context().executor().schedule(() -> {
            if (lanes.size() < expected.size()) {
                LOG.info("Closing the connection of {}: of the streams {} only {} came", begun.context().channel().remoteAddress(),
                        expected.mkString(", "), lanes.keySet().mkString(", "));
                begun.closeNow();
            }
        }, patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean accept(int streamId, SpdyHeaders headers, Lane lane) {
        String type = headers.getAsString("streamtype");
        if (type == null || !expected.contains(type) || lanes.containsKey(type)) {
            return false;
        }
        lanes = lanes.put(type, lane);
        if (lanes.size() == expected.size()) {
            var all = new RemoteCommand.Lanes(lanes.get("stdin"), lanes.get("stdout"), lanes.get("stderr"), lanes.apply("error"),
                    lanes.get("resize"));
            Thread.startVirtualThread(() -> new RemoteCommand(opener, statuses, wire).serve(all));
        }
        return true;
    }
}
