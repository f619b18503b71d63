package io.cairn.streaming;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.handler.timeout.IdleStateHandler;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a connection's one request, spends its token, agrees on a protocol and hands the connection over. */
final class HttpUpgrade extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Pattern PATH = Pattern.compile("/(exec|attach|portforward)/([A-Za-z0-9_-]{1,64})(?:\\?.*)?");
    private static final String STREAM_PROTOCOL = "X-Stream-Protocol-Version";
    private static final String ACCEPTED_PROTOCOLS = "X-Accepted-Stream-Protocol-Versions";
    private static final String SPDY = "SPDY/3.1";
    private static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";

    private static final Vector<String> SPDY_COMMAND = Vector.of("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io",
            "channel.k8s.io");
    private static final Vector<String> SPDY_PORTS = Vector.of("portforward.k8s.io");
    private static final Vector<String> WEB_SOCKET_COMMAND = Vector.of("v5.channel.k8s.io", "v4.channel.k8s.io",
            "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io", "");
    private static final Vector<String> WEB_SOCKET_PORTS = Vector.of(TUNNEL, "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "");

    private static final int SPDY_PIECE_BYTES = 16 * 1024;
    private static final int SPDY_HEADER_BYTES = 8 * 1024;
    /** The defaults of zlib. */
    private static final int ZLIB_LEVEL = 6;
    private static final int ZLIB_WINDOW_BITS = 15;
    private static final int ZLIB_MEMORY_LEVEL = 8;
    /** Some clients send all their input as one message; only who holds a token gets this far. */
    private static final int WEB_SOCKET_MESSAGE_BYTES = 4 * 1024 * 1024;

    private final Tokens tokens;
    private final StreamingOptions options;

    HttpUpgrade(Tokens tokens, StreamingOptions options) {
        this.tokens = tokens;
        this.options = options;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "expected an HTTP request, but it cannot be read");
        } else if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.POST)) {
            refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "expected GET or POST");
        } else {
            find(request.uri()).peek(endpoint -> serve(context, request, endpoint)).onEmpty(() -> refuse(context,
                    HttpResponseStatus.NOT_FOUND, "this address is not known: it was used already, or is too old"));
        }
    }

    private Option<Endpoint> find(String uri) {
        Matcher path = PATH.matcher(uri);
        return path.matches() ? tokens.spend(path.group(2)).filter(e -> e.path().equals(path.group(1))) : Option.none();
    }

    private void serve(ChannelHandlerContext context, FullHttpRequest request, Endpoint endpoint) {
        String upgrade = request.headers().get(HttpHeaderNames.UPGRADE, "");
        if (!request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "expected a request to upgrade to SPDY/3.1 or WebSocket");
        } else if (upgrade.equalsIgnoreCase(SPDY)) {
            serveSpdy(context, request, endpoint);
        } else if (upgrade.equalsIgnoreCase("websocket")) {
            serveWebSocket(context, request, endpoint);
        } else {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "expected an upgrade to SPDY/3.1 or WebSocket");
        }
    }

    private void serveSpdy(ChannelHandlerContext context, FullHttpRequest request, Endpoint endpoint) {
        Vector<String> known = endpoint instanceof Endpoint.Ports ? SPDY_PORTS : SPDY_COMMAND;
        Vector<String> wanted = listed(request, STREAM_PROTOCOL);
        Option<String> protocol = wanted.find(known::contains);
        if (protocol.isEmpty()) {
            var response = response(wanted.isEmpty() ? HttpResponseStatus.BAD_REQUEST : HttpResponseStatus.FORBIDDEN,
                    "expected one of the protocols %s in %s".formatted(known.mkString(", "), STREAM_PROTOCOL));
            known.forEach(name -> response.headers().add(ACCEPTED_PROTOCOLS, name));
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE).set(HttpHeaderNames.UPGRADE, SPDY)
                .set(STREAM_PROTOCOL, protocol.get());
        context.writeAndFlush(response);
        handOver(context, spdyCodec(), new SpdyWire(acceptor(endpoint, protocol.get())));
        context.pipeline().remove(HttpObjectAggregator.class);
        context.pipeline().remove(HttpServerCodec.class);
    }

    private SpdyWire.Acceptor acceptor(Endpoint endpoint, String protocol) {
        return switch (endpoint) {
            case Endpoint.Exec exec -> new SpdyCommand(exec.stdio(), exec.opener(), protocol, options.creationTimeout());
            case Endpoint.Attach attach -> new SpdyCommand(attach.stdio(), attach.opener(), protocol, options.creationTimeout());
            case Endpoint.Ports ports -> new SpdyForwards(ports.opener(), options.creationTimeout());
        };
    }

    private void serveWebSocket(ChannelHandlerContext context, FullHttpRequest request, Endpoint endpoint) {
        Vector<String> known = endpoint instanceof Endpoint.Ports ? WEB_SOCKET_PORTS : WEB_SOCKET_COMMAND;
        Vector<String> wanted = listed(request, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL.toString());
        Option<String> protocol = (wanted.isEmpty() ? Vector.of("") : wanted).find(known::contains);
        if (protocol.isEmpty()) {
            refuse(context, HttpResponseStatus.FORBIDDEN, "expected one of the protocols " + known.filter(p -> !p.isEmpty()).mkString(", "));
            return;
        }
        var config = WebSocketDecoderConfig.newBuilder().allowExtensions(false).maxFramePayloadLength(WEB_SOCKET_MESSAGE_BYTES)
                .withUTF8Validator(false).build();
        try {
            new WebSocketServerHandshaker13(request.uri(), protocol.get().isEmpty() ? null : protocol.get(), config)
                    .handshake(context.channel(), request).addListener(done -> {
                        if (done.isSuccess()) {
                            handOver(context, codec(protocol.get()), webSocketWire(endpoint, protocol.get()));
                        }
                    });
        } catch (WebSocketHandshakeException e) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "expected a WebSocket handshake of version 13");
        }
    }

    private static Vector<ChannelHandler> codec(String protocol) {
        return protocol.equals(TUNNEL) ? Vector.<ChannelHandler>of(new TunnelCodec()).appendAll(spdyCodec())
                : Vector.of(new WebSocketFrameAggregator(WEB_SOCKET_MESSAGE_BYTES));
    }

    private Wire webSocketWire(Endpoint endpoint, String protocol) {
        return switch (endpoint) {
            case Endpoint.Exec exec -> ChannelServing.command(exec.stdio(), exec.opener(), protocol);
            case Endpoint.Attach attach -> ChannelServing.command(attach.stdio(), attach.opener(), protocol);
            case Endpoint.Ports ports -> protocol.equals(TUNNEL)
                    ? new SpdyWire(acceptor(ports, protocol))
                    : ChannelServing.forwards(ports.ports(), ports.opener(), protocol);
        };
    }

    private static Vector<ChannelHandler> spdyCodec() {
        return Vector.of(new SpdyFrameCodec(SpdyVersion.SPDY_3_1, SPDY_PIECE_BYTES, SPDY_HEADER_BYTES, ZLIB_LEVEL, ZLIB_WINDOW_BITS,
                ZLIB_MEMORY_LEVEL));
    }

    /** From here on the connection may be silent for long, but not for ever. */
    private void handOver(ChannelHandlerContext context, Vector<ChannelHandler> codec, Wire wire) {
        ChannelPipeline pipeline = context.pipeline();
        pipeline.remove(StreamingServer.Deadline.class);
        pipeline.addFirst(new IdleStateHandler(0, 0, options.idleTimeout().toMillis(), TimeUnit.MILLISECONDS));
        codec.forEach(pipeline::addLast);
        pipeline.addLast(wire);
        pipeline.remove(this);
    }

    private static Vector<String> listed(FullHttpRequest request, String header) {
        return Vector.ofAll(request.headers().getAll(header)).flatMap(line -> Vector.of(line.split(","))).map(String::strip)
                .filter(name -> !name.isEmpty());
    }

    private static void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
        context.writeAndFlush(response(status, why)).addListener(ChannelFutureListener.CLOSE);
    }

    private static DefaultFullHttpResponse response(HttpResponseStatus status, String why) {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status,
                Unpooled.copiedBuffer(why + "\n", StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN).set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        return response;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
