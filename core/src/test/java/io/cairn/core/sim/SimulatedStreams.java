package io.cairn.core.sim;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.StreamBackend;
import io.cairn.proto.journal.Failure;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** Commands that print their words and end, but for {@code waits}, which ends with its client. */
final class SimulatedStreams implements StreamBackend {
    private final World world;

    SimulatedStreams(World world) {
        this.world = world;
    }

    @Override
    public Session openExec(ExecSpec spec, Stdio stdio) throws DriverException {
        world.begin("exec", spec.containerId());
        if (spec.command().head().equals("nope")) {
            throw new DriverException(Failure.Kind.FAILED, "exec: \"nope\": executable file not found");
        }
        synchronized (world) {
            world.execs.put(spec.id(), spec.containerId());
        }
        boolean waits = spec.command().head().equals("waits");
        return new Said(spec.command().mkString(" "), Option.some(spec.command().head().equals("false") ? 1 : 0), waits, () -> {
            synchronized (world) {
                world.execs.remove(spec.id());
            }
        });
    }

    @Override
    public Session attach(String containerId, Stdio stdio) throws DriverException {
        world.begin("attach", containerId);
        return new Said("attached", Option.none(), false, () -> { });
    }

    @Override
    public void reopenLog(String containerId) throws DriverException {
        world.begin("reopen log", containerId);
    }

    private record Said(String words, Option<Integer> exitCode, CountDownLatch client, Runnable end) implements Session {
        Said(String words, Option<Integer> exitCode, boolean waits, Runnable end) {
            this(words, exitCode, new CountDownLatch(waits ? 1 : 0), end);
        }

        @Override
        public OutputStream stdin() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream stdout() {
            return new ByteArrayInputStream(words.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public InputStream stderr() {
            return InputStream.nullInputStream();
        }

        @Override
        public void resize(int columns, int rows) {
            // It has no terminal.
        }

        @Override
        public Option<Integer> await() throws IOException, InterruptedException {
            client.await();
            return exitCode;
        }

        @Override
        public void close() {
            end.run();
            client.countDown();
        }
    }
}
