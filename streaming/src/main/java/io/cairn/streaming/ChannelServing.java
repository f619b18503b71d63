package io.cairn.streaming;

import io.cairn.streaming.Endpoint.Stdio;
import io.vavr.control.Either;
import io.vavr.control.Option;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What goes on over a connection with numbered channels. */
final class ChannelServing {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelServing.class);
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    private static final byte[] NOTHING = {};

    private ChannelServing() {}

    /** Exec and attach: five channels with fixed numbers, of which those that were not asked for stay silent. */
    static ChannelWire command(Stdio stdio, Endpoint.Opener<Session> opener, String protocol) {
        Statuses statuses = protocol.startsWith("v4.") || protocol.startsWith("v5.") ? Statuses.JSON : Statuses.WORDS;
        return new ChannelWire(RESIZE + 1, protocol, wire -> Thread.startVirtualThread(() -> {
            var lanes = new RemoteCommand.Lanes(lane(wire, STDIN, stdio.stdin()), lane(wire, STDOUT, stdio.stdout()),
                    lane(wire, STDERR, stdio.stderr()), wire.lane(ERROR), lane(wire, RESIZE, stdio.tty()));
            // An empty message on the first channel the client reads tells it that all is ready.
            greet(wire.lane(stdio.stdout() ? STDOUT : stdio.stderr() ? STDERR : ERROR), NOTHING);
            new RemoteCommand(opener, statuses, wire).serve(lanes);
        }));
    }

    private static Option<Lane> lane(ChannelWire wire, int number, boolean wanted) {
        if (!wanted) {
            wire.lane(number).abort();
        }
        return Option.when(wanted, () -> wire.lane(number));
    }

    /** Port-forward: two channels for each port, data and error; each begins with the port in two bytes, the lower one first. */
    static ChannelWire forwards(Vector<Integer> ports, Endpoint.Opener<PortForward> opener, String protocol) {
        return new ChannelWire(2 * ports.size(), protocol, wire -> Thread.startVirtualThread(() -> {
            var opened = new CompletableFuture<Either<String, PortForward>>();
            Forwarding.complete(opened, opener);
            wire.onGone(() -> opened.join().forEach(PortForward::close));
            Vector<Thread> forwarding = ports.zipWithIndex((port, i) -> Thread.startVirtualThread(() -> {
                byte[] name = {(byte) (int) port, (byte) (port >> 8)};
                greet(wire.lane(2 * i), name);
                greet(wire.lane(2 * i + 1), name);
                new Forwarding(wire.lane(2 * i), wire.lane(2 * i + 1), port).serve(opened);
            }));
            try {
                for (Thread thread : forwarding) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            wire.finish();
        }));
    }

    private static void greet(Lane lane, byte[] words) {
        try {
            lane.write(words, 0, words.length);
        } catch (IOException e) {
            LOG.debug("The client left before it was greeted");
        }
    }
}
