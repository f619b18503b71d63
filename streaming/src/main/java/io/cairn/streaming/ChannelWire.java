package io.cairn.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;

/**
 * A WebSocket connection with numbered channels (the family {@code channel.k8s.io}): a message is one byte for the channel, then the
 * data. In the {@code base64} forms the byte is a digit and the data base64. From {@code v5} on, byte 255 and a channel's number say that
 * the client has ended that channel.
 */
final class ChannelWire extends Wire {
    private static final int CLOSE_SIGNAL = 255;

    private final int channelCount;
    private final boolean base64;
    private final boolean closeSignal;
    private final Consumer<ChannelWire> begin;
    private Vector<ChannelLane> lanes = Vector.empty();

    /** @param begin called by the event loop when the connection is there; must not wait */
    ChannelWire(int channelCount, String protocol, Consumer<ChannelWire> begin) {
        this.channelCount = channelCount;
        this.base64 = protocol.contains("base64.");
        this.closeSignal = protocol.equals("v5.channel.k8s.io");
        this.begin = begin;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        super.handlerAdded(added);
        lanes = Vector.range(0, channelCount).map(ChannelLane::new);
        begin.accept(this);
    }

    Lane lane(int number) {
        return lanes.get(number);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            switch (message) {
                case PingWebSocketFrame ping -> answer(new PongWebSocketFrame(ping.content().retain()));
                case PongWebSocketFrame pong -> {
                    // That it came is all it says.
                }
                case CloseWebSocketFrame close -> context.close();
                case WebSocketFrame data -> take(data.content());
                default -> context.close();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void take(ByteBuf message) {
        if (!message.isReadable()) {
            return;
        }
        int first = message.readUnsignedByte();
        if (closeSignal && first == CLOSE_SIGNAL) {
            if (message.readableBytes() != 1 || message.getUnsignedByte(message.readerIndex()) >= channelCount) {
                context().close();
            } else {
                lanes.get(message.readUnsignedByte()).inbox.end();
            }
            return;
        }
        int channel = base64 ? first - '0' : first;
        if (channel >= 0 && channel < channelCount) {
            lanes.get(channel).inbox.put(base64 ? decoded(message) : message);
        }
    }

    /** @throws IllegalArgumentException it is no base64: the connection is closed */
    private static ByteBuf decoded(ByteBuf message) {
        return Unpooled.wrappedBuffer(Base64.getDecoder().decode(ByteBufUtil.getBytes(message)));
    }

    @Override
    protected Object question() {
        return new PingWebSocketFrame();
    }

    @Override
    protected Object farewell() {
        return new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE);
    }

    @Override
    protected void cutLanes() {
        lanes.forEach(lane -> lane.inbox.fail());
    }

    @Override
    protected void deafenLanes() {
        lanes.forEach(lane -> lane.inbox.close());
    }

    /** A numbered channel. There is no word for its end from here: that is the end of the connection. */
    private final class ChannelLane implements Lane {
        private final int number;
        private final Inbox inbox = new Inbox(intake());

        ChannelLane(int number) {
            this.number = number;
        }

        @Override
        public InputStream input() {
            return inbox;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            outlet().send(() -> base64 ? text(bytes, from, length)
                    : new BinaryWebSocketFrame(context().alloc().buffer(length + 1).writeByte(number).writeBytes(bytes, from, length)));
        }

        private TextWebSocketFrame text(byte[] bytes, int from, int length) {
            byte[] encoded = Base64.getEncoder().encode(Arrays.copyOfRange(bytes, from, from + length));
            return new TextWebSocketFrame((char) ('0' + number) + new String(encoded, StandardCharsets.US_ASCII));
        }

        @Override
        public void end() {
            // Nothing can be said.
        }

        @Override
        public void abort() {
            inbox.close();
        }
    }
}
