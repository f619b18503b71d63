package io.cairn.network;

import io.cairn.linux.Namespaces;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;

/** Connects to what listens at a pod's own localhost, as kubectl port-forward wants it. Thread-safe. */
public final class PodPorts {
    private static final int CONNECT_MILLIS_MAX = 10_000;
    /** Programs that listen at localhost listen at one of these, IPv4 more often. */
    private static final Vector<Loopback> LOOPBACKS = Vector.of(new Loopback(StandardProtocolFamily.INET, new byte[] {127, 0, 0, 1}),
            new Loopback(StandardProtocolFamily.INET6, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));

    private record Loopback(ProtocolFamily family, byte[] address) {}

    private PodPorts() {}

    /**
     * @param namespace the pod's pinned network namespace; none for the host's network
     * @throws IOException nobody listens there, or the namespace is gone; says what was tried
     */
    public static Socket connect(Option<Path> namespace, int port) throws IOException {
        IOException first = null;
        for (Loopback loopback : LOOPBACKS) {
            try {
                return connect(namespace, loopback, port);
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        throw first;
    }

    /** Only the socket is made inside: it stays in that namespace, and may be waited for anywhere. */
    private static Socket connect(Option<Path> namespace, Loopback loopback, int port) throws IOException {
        SocketChannel channel = namespace.isEmpty() ? SocketChannel.open(loopback.family()) : inside(namespace.get(), loopback.family());
        Socket socket = channel.socket();
        var address = new InetSocketAddress(InetAddress.getByAddress(loopback.address()), port);
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, CONNECT_MILLIS_MAX);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException("%s port %d: %s".formatted(address.getAddress().getHostAddress(), port, e.getMessage()), e);
        }
    }

    private static SocketChannel inside(Path namespace, ProtocolFamily family) throws IOException {
        try {
            return Namespaces.inside(Map.of(Namespaces.Kind.NET, namespace), () -> SocketChannel.open(family));
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
