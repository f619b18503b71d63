package io.cairn.driver.docker.streams;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.engine.EngineStream;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/**
 * A client at a container's main process.
 *
 * <p>The engine makes the container, and its log, wait for whoever is attached and does not read. So who only looks on is sent away when he
 * falls behind; who also writes is waited for, since the two talk with each other, as long as he takes something now and then.
 */
final class Attachment implements Session {
    private static final long TALKING_IDLE_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
    /** The end of its output reaches us before the kernel has taken a process down. */
    private static final long DEATH_MILLIS_MAX = 5_000;

    private final Engine engine;
    private final RunningContainer container;
    private final EngineStream connection;
    private final Delivery delivery;
    private final boolean writes;

    private Attachment(Engine engine, RunningContainer container, EngineStream connection, Stdio stdio, boolean writes) {
        this.engine = engine;
        this.container = container;
        this.connection = connection;
        this.writes = writes;
        this.delivery = Delivery.start(connection, container.record().terminal(), writes ? TALKING_IDLE_NANOS_MAX : 0);
        if (!stdio.stdout()) {
            delivery.stdout().close();
        }
        if (!stdio.stderr()) {
            delivery.stderr().close();
        }
    }

    static Attachment open(Engine engine, RunningContainer container, Stdio stdio) throws DriverException {
        boolean writes = stdio.stdin() && container.record().stdin();
        return new Attachment(engine, container, engine.attach(container.engineId(), writes, true, !container.record().terminal()), stdio, writes);
    }

    @Override
    public OutputStream stdin() {
        return writes ? new Input(connection, container.record().stdinOnce() && !container.record().terminal()) : OutputStream.nullOutputStream();
    }

    @Override
    public InputStream stdout() {
        return delivery.stdout();
    }

    @Override
    public InputStream stderr() {
        return delivery.stderr();
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        if (!container.record().terminal()) {
            return;
        }
        try {
            engine.resizeContainer(container.engineId(), rows, columns);
        } catch (DriverException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public Option<Integer> await() throws IOException, InterruptedException {
        delivery.awaitEnd();
        if (!delivery.failure().isEmpty()) {
            throw new IOException("The attachment was ended: %s. The container goes on; its log has everything".formatted(delivery.failure()));
        }
        if (!delivery.isClosed() && !container.process().awaitEnd(DEATH_MILLIS_MAX)) {
            throw new IOException("The attachment was ended: the container has closed its output, or the engine was stopped. The container goes on");
        }
        return Option.none();
    }

    @Override
    public void close() {
        delivery.close();
    }
}
