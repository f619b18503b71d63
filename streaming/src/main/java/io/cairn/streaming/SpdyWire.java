package io.cairn.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyHeaders;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySessionStatus;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * A connection that speaks SPDY/3.1 (draft 3.1 of the protocol, of which Kubernetes uses streams, their two halves, resets and pings).
 * Only the client opens streams. Netty's own session handler is of no use here: it keeps to windows that the other side never opens.
 */
final class SpdyWire extends Wire {
    /** A port-forward takes two for each connection that is open. */
    static final int LANES_MAX = 2000;

    private final Acceptor acceptor;
    private final Map<Integer, SpdyLane> lanes = new HashMap<>();
    private int newest;

    /** Decides about the streams a client opens; called by the event loop and must not wait. */
    interface Acceptor {
        /** The connection is there. */
        void begin(SpdyWire wire);

        /** @return false: the stream is refused */
        boolean accept(int streamId, SpdyHeaders headers, Lane lane);
    }

    SpdyWire(Acceptor acceptor) {
        this.acceptor = acceptor;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        super.handlerAdded(added);
        acceptor.begin(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            switch (message) {
                case SpdySynStreamFrame opened -> open(opened);
                case SpdyDataFrame data -> take(data);
                case SpdyRstStreamFrame reset -> drop(reset.streamId());
                case SpdyPingFrame ping -> pong(ping);
                default -> {
                    // Settings, windows, headers that come later, a goodbye: nothing hangs on them.
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void open(SpdySynStreamFrame frame) {
        int id = frame.streamId();
        if (id % 2 == 0 || id <= newest) {
            answer(new DefaultSpdyGoAwayFrame(newest, SpdySessionStatus.PROTOCOL_ERROR));
            context().close();
            return;
        }
        newest = id;
        if (frame.isInvalid() || frame.isTruncated()) {
            answer(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.PROTOCOL_ERROR));
            return;
        }
        var lane = new SpdyLane(id);
        if (frame.isLast()) {
            lane.inbox.end();
        }
        if (lanes.size() >= LANES_MAX || !acceptor.accept(id, frame.headers(), lane)) {
            lane.inbox.fail();
            answer(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM));
            return;
        }
        lanes.put(id, lane);
        var reply = new DefaultSpdySynReplyFrame(id);
        // Netty writes a block without headers as no bytes at all, at which moby/spdystream gives the connection up.
        reply.headers().set(":status", "200");
        answer(reply);
    }

    private void take(SpdyDataFrame frame) {
        SpdyLane lane = lanes.get(frame.streamId());
        if (lane == null) {
            if (frame.streamId() > newest) {
                answer(new DefaultSpdyRstStreamFrame(frame.streamId(), SpdyStreamStatus.INVALID_STREAM));
            }
            return;
        }
        lane.inbox.put(frame.content());
        if (frame.isLast()) {
            lane.inbox.end();
            lane.clientEnded = true;
            forgetIfOver(lane);
        }
    }

    private void drop(int id) {
        SpdyLane lane = lanes.remove(id);
        if (lane != null) {
            lane.inbox.fail();
            lane.cut = true;
        }
    }

    /** Odd numbers are the client's own questions, even ones are answers to ours. */
    private void pong(SpdyPingFrame ping) {
        if (ping.id() % 2 != 0) {
            answer(new DefaultSpdyPingFrame(ping.id()));
        }
    }

    private void forgetIfOver(SpdyLane lane) {
        if (lane.clientEnded && lane.ended) {
            lanes.remove(lane.id);
        }
    }

    @Override
    protected Object question() {
        return new DefaultSpdyPingFrame(2);
    }

    @Override
    protected SpdyGoAwayFrame farewell() {
        return new DefaultSpdyGoAwayFrame(newest, SpdySessionStatus.OK);
    }

    @Override
    protected void cutLanes() {
        lanes.values().forEach(lane -> {
            lane.inbox.fail();
            lane.cut = true;
        });
        lanes.clear();
    }

    @Override
    protected void deafenLanes() {
        lanes.values().forEach(lane -> lane.inbox.close());
    }

    /** A SPDY stream. */
    private final class SpdyLane implements Lane {
        private final int id;
        private final Inbox inbox = new Inbox(intake());
        private boolean clientEnded;
        private volatile boolean ended;
        private volatile boolean cut;

        SpdyLane(int id) {
            this.id = id;
        }

        @Override
        public InputStream input() {
            return inbox;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (cut || ended) {
                throw new IOException("the client takes no more");
            }
            outlet().send(() -> new DefaultSpdyDataFrame(id, context().alloc().buffer(length).writeBytes(bytes, from, length)));
        }

        @Override
        public void end() {
            inLoop(() -> {
                if (!cut && !ended) {
                    ended = true;
                    context().writeAndFlush(new DefaultSpdyDataFrame(id).setLast(true));
                    forgetIfOver(this);
                }
            });
        }

        @Override
        public void abort() {
            inLoop(() -> {
                if (lanes.remove(id) != null) {
                    inbox.fail();
                    cut = true;
                    context().writeAndFlush(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.CANCEL));
                }
            });
        }
    }
}
