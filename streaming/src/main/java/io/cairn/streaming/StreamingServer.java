package io.cairn.streaming;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives out URLs and serves who comes with one. Thread-safe. */
public final class StreamingServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamingServer.class);
    private static final int REQUEST_LINE_BYTES = 2048;
    private static final int HEADER_BYTES = 16 * 1024;
    private static final int REQUEST_BODY_BYTES = 0;
    private static final WriteBufferWaterMark UNSENT_BYTES = new WriteBufferWaterMark(64 * 1024, 128 * 1024);

    private final StreamingOptions options;
    private final Tokens tokens;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listening;

    /** @throws IOException the address cannot be listened at */
    public StreamingServer(StreamingOptions options) throws IOException {
        this.options = options;
        this.tokens = new Tokens(options.tokenLife(), options.tokensMax(), System::nanoTime);
        var bootstrap = new ServerBootstrap().group(loops).channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_BYTES)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        admit(connection);
                    }
                });
        var binding = bootstrap.bind(options.address()).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException("Cannot listen for exec, attach and port-forward at %s: %s".formatted(options.address(),
                    binding.cause().getMessage()), binding.cause());
        }
        this.listening = binding.channel();
    }

    private void admit(Channel connection) {
        if (connections.size() >= options.connectionsMax()) {
            LOG.warn("Refused the connection of {}: {} are open", connection.remoteAddress(), options.connectionsMax());
            connection.close();
            return;
        }
        connections.add(connection);
        var limits = new HttpDecoderConfig().setMaxInitialLineLength(REQUEST_LINE_BYTES).setMaxHeaderSize(HEADER_BYTES);
        connection.pipeline().addLast(new Deadline(options.creationTimeout().toMillis()), new HttpServerCodec(limits),
                new HttpObjectAggregator(REQUEST_BODY_BYTES, true), new HttpUpgrade(tokens, options));
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /**
     * A URL under which a client reaches the endpoint once, soon.
     *
     * @return none when too many were given out and not used
     */
    public Option<String> url(Endpoint endpoint) {
        InetSocketAddress address = address();
        String host = address.getAddress().getHostAddress();
        return tokens.issue(endpoint).map(token -> "http://%s:%d/%s/%s".formatted(host.contains(":") ? "[" + host + "]" : host,
                address.getPort(), endpoint.path(), token));
    }

    /** Ends every connection; sessions see their client gone. */
    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Closes a connection that has not said what it wants in time. */
    static final class Deadline extends ChannelInboundHandlerAdapter {
        private final long millis;

        Deadline(long millis) {
            this.millis = millis;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.executor().schedule(() -> {
                if (!context.isRemoved()) {
                    context.close();
                }
            }, millis, TimeUnit.MILLISECONDS);
        }
    }
}
