package io.cairn.streaming;

import io.netty.handler.codec.spdy.SpdyHeaders;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Collects the streams of a port-forward in pairs: for each connection one of type {@code error} and one of type {@code data}, with the
 * same {@code requestid} and {@code port}.
 */
final class SpdyForwards implements SpdyWire.Acceptor {
    private final Endpoint.Opener<PortForward> opener;
    private final Duration patience;
    private final CompletableFuture<Either<String, PortForward>> opened = new CompletableFuture<>();
    private final Map<String, Half> halves = new HashMap<>();
    private SpdyWire wire;

    private record Half(String type, Lane lane) {}

    SpdyForwards(Endpoint.Opener<PortForward> opener, Duration patience) {
        this.opener = opener;
        this.patience = patience;
    }

    @Override
    public void begin(SpdyWire begun) {
        wire = begun;
        Thread.startVirtualThread(() -> {
            Forwarding.complete(opened, opener);
            begun.onGone(() -> opened.join().forEach(PortForward::close));
        });
    }

    @Override
    public boolean accept(int streamId, SpdyHeaders headers, Lane lane) {
        String type = String.valueOf(headers.getAsString("streamtype"));
        Option<Integer> port = port(headers.getAsString("port"));
        if (port.isEmpty() || !type.equals("data") && !type.equals("error")) {
            return false;
        }
        // Clients of long ago number nothing: their error stream is the one right before the data stream.
        String given = headers.getAsString("requestid");
        String request = given != null ? given : Integer.toString(type.equals("error") ? streamId : streamId - 2);
        Half other = halves.remove(request);
        if (other == null) {
            await(request, new Half(type, lane));
            return true;
        }
        if (other.type().equals(type)) {
            halves.put(request, other);
            return false;
        }
        Lane data = type.equals("data") ? lane : other.lane();
        Lane error = type.equals("data") ? other.lane() : lane;
        Thread.startVirtualThread(() -> new Forwarding(data, error, port.get()).serve(opened));
        return true;
    }

    private void await(String request, Half half) {
        halves.put(request, half);
        wire.context().executor().schedule(() -> {
            if (halves.remove(request, half)) {
                half.lane().abort();
            }
        }, patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Option<Integer> port(String text) {
        return Option.of(text).filter(t -> t.matches("[0-9]{1,5}")).map(Integer::valueOf).filter(p -> p >= 1 && p <= 65535);
    }
}
