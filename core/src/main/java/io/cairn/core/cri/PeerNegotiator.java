package io.cairn.core.cri;

import io.cairn.proto.journal.Peer;
import io.grpc.Attributes;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.PeerCredentials;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the credentials of a unix socket's other end (SO_PEERCRED, unix(7)) among the attributes of every call.
 *
 * <p>gRPC offers no public way to a call's channel. What a connection's negotiator adds to the attributes reaches the calls;
 * this one negotiates as plaintext does and adds one attribute.
 */
final class PeerNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
    static final Attributes.Key<Peer> PEER = Attributes.Key.create("io.cairn.peer");

    private static final Logger LOG = LoggerFactory.getLogger(PeerNegotiator.class);

    private final InternalProtocolNegotiator.ProtocolNegotiator plaintext = InternalProtocolNegotiators.serverPlaintext();

    @Override
    public AsciiString scheme() {
        return plaintext.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        ChannelHandler next = plaintext.newHandler(grpc);
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext context) {
                context.pipeline().addAfter(context.name(), null, next);
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                context.fireUserEventTriggered(event instanceof ProtocolNegotiationEvent negotiation
                        ? withPeer(negotiation, context.channel())
                        : event);
            }
        };
    }

    @Override
    public void close() {
        plaintext.close();
    }

    private static ProtocolNegotiationEvent withPeer(ProtocolNegotiationEvent event, Channel channel) {
        Attributes attributes = InternalProtocolNegotiationEvent.getAttributes(event).toBuilder().set(PEER, peerOf(channel)).build();
        return InternalProtocolNegotiationEvent.withAttributes(event, attributes);
    }

    private static Peer peerOf(Channel channel) {
        if (!(channel instanceof EpollDomainSocketChannel socket)) {
            return Peer.getDefaultInstance();
        }
        try {
            PeerCredentials credentials = socket.peerCredentials();
            int gid = credentials.gids().length > 0 ? credentials.gids()[0] : 0;
            return Peer.newBuilder().setPid(credentials.pid()).setUid(credentials.uid()).setGid(gid)
                    .setExecutable(executable(credentials.pid())).build();
        } catch (IOException e) {
            LOG.warn("The kernel does not say who connected: {}", e.getMessage());
            return Peer.getDefaultInstance();
        }
    }

    /** Read once, when the connection is accepted: later the pid may be another process. */
    private static String executable(int pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "exe")).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
