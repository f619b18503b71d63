package io.cairn.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every kind of connection does, once it is agreed on. Its {@code protected} methods are called by the connection's event loop, the
 * others may be called by any thread.
 */
abstract class Wire extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);
    private static final int PROBE_SECONDS = 10;
    private static final int FAREWELL_SECONDS = 10;
    /** Of answers that wait for a client to read them, beyond the channel's own mark. */
    private static final long ANSWER_BYTES_MAX = 256 * 1024;

    private final List<Runnable> whenGone = new ArrayList<>();
    private ChannelHandlerContext context;
    private Intake intake;
    private Outlet outlet;
    private boolean gone;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        intake = new Intake(added.channel());
        outlet = new Outlet(added.channel());
        var probing = added.executor().scheduleAtFixedRate(this::probe, PROBE_SECONDS, PROBE_SECONDS, TimeUnit.SECONDS);
        added.channel().closeFuture().addListener(closed -> probing.cancel(false));
        if (!added.channel().isActive()) {
            leave();
        }
    }

    /** While a connection is not read from, its end does not show; a word to a client that is gone does show it. */
    private void probe() {
        if (intake.isClosed()) {
            context.writeAndFlush(question());
        }
    }

    final Intake intake() {
        return intake;
    }

    final Outlet outlet() {
        return outlet;
    }

    final ChannelHandlerContext context() {
        return context;
    }

    /** Something harmless that the client must take note of. */
    protected abstract Object question();

    /** What is said last. */
    protected abstract Object farewell();

    /** No lane brings or takes anything any more. */
    protected abstract void cutLanes();

    /** No lane brings anything any more. */
    protected abstract void deafenLanes();

    /** Sends something small that the client has asked for. */
    protected final void answer(Object message) {
        context.writeAndFlush(message);
        if (context.channel().bytesBeforeWritable() > ANSWER_BYTES_MAX) {
            intake.unheard(true);
        }
    }

    /** Runs once, when the client is gone, on a virtual thread; at once when it is gone already. */
    final void onGone(Runnable task) {
        synchronized (whenGone) {
            if (!gone) {
                whenGone.add(task);
                return;
            }
        }
        Thread.startVirtualThread(task);
    }

    /** All is said. The client gets time to hear it: a socket that is closed over unread input takes back what was sent last. */
    final void finish() {
        inLoop(() -> {
            deafenLanes();
            context.writeAndFlush(farewell()).addListener(sent -> {
                ((DuplexChannel) context.channel()).shutdownOutput();
                context.executor().schedule(() -> context.close(), FAREWELL_SECONDS, TimeUnit.SECONDS);
            });
        });
    }

    final void closeNow() {
        context.channel().close();
    }

    /** Runs a task on the connection's event loop; not at all when the server has ended. */
    final void inLoop(Runnable task) {
        try {
            context.executor().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The server has ended before a connection");
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ignored) {
        if (context.channel().isWritable()) {
            intake.unheard(false);
        }
        outlet.changed();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        leave();
    }

    private void leave() {
        outlet.gone();
        cutLanes();
        List<Runnable> tasks;
        synchronized (whenGone) {
            gone = true;
            tasks = List.copyOf(whenGone);
            whenGone.clear();
        }
        tasks.forEach(Thread::startVirtualThread);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ignored, Object event) {
        if (event instanceof IdleStateEvent) {
            LOG.info("Closing the connection of {}: nothing was said on it for too long", context.channel().remoteAddress());
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        LOG.debug("Closing the connection of {}: {}", context.channel().remoteAddress(), cause.toString());
        context.close();
    }
}
