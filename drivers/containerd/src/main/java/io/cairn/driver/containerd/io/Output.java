package io.cairn.driver.containerd.io;

import io.cairn.linux.Descriptor;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The streams of one container's main process. Thread-safe; all may wait, on a virtual thread, but for a bounded time. */
public final class Output {
    private static final long ANSWER_SECONDS_MAX = 10;
    /** Somewhat more than {@link Holder} takes to give up. */
    private static final long HELD_SECONDS_MAX = 12;
    /** Somewhat more than {@link Pump} takes for one that can be written at all. */
    private static final long FINISH_SECONDS_MAX = 12;

    private final OutputSpec spec;
    private final OutputFiles files;
    private final Stdin stdin;
    private final Task task;
    /** None when it was finished by a daemon before this one. */
    private final Option<Pump> pump;
    private final CompletableFuture<Void> held;

    /** @param held done once what is in the FIFOs outlives this daemon */
    Output(OutputSpec spec, OutputFiles files, Stdin stdin, Task task, Option<Pump> pump, CompletableFuture<Void> held) {
        this.spec = spec;
        this.files = files;
        this.stdin = stdin;
        this.task = task;
        this.pump = pump;
        this.held = held;
    }

    OutputSpec spec() {
        return spec;
    }

    /** What containerd is told when the task is made. */
    public StdioPaths paths() {
        return new StdioPaths(spec.stdin() ? files.stdin().toString() : "", files.fifo(Stream.STDOUT).toString(),
                spec.terminal() ? "" : files.fifo(Stream.STDERR).toString());
    }

    /**
     * Until nothing that the program writes can be lost with this daemon.
     *
     * @throws IOException why there is nothing that holds the FIFOs open
     */
    public void awaitReady() throws IOException {
        answer(held, HELD_SECONDS_MAX, "what is to hold the output open");
    }

    /**
     * Ends the input of a running container that was to end with its first client, if he is gone. To be called when the task runs and
     * this daemon has not seen its start, and when containerd is back.
     */
    public void settle() throws IOException {
        stdin.settle();
    }

    /**
     * The log was moved away: goes on in a new file at its path. What was written before this call is in the old one. Does nothing when
     * the file at the path is the one that is written to, or the output has come to its end.
     *
     * @throws IOException why it cannot; the old file goes on being written
     */
    public void reopenLog() throws IOException {
        for (Pump running : pump) {
            answer(running.reopenLog());
        }
    }

    /**
     * Connects a client; output of before is not brought. Who also writes to the container is waited for as long as he takes something
     * every 10 s; who only looks on is sent away when he is 1 MiB behind.
     */
    public Session attach(Stdio stdio) throws IOException {
        var input = stdio.stdin() ? stdin.open() : Option.<Descriptor>none();
        var client = new Client(stdio, stdio.stdin(), () -> pump.forEach(Pump::poke));
        if (pump.isEmpty()) {
            client.end();
        }
        for (Pump running : pump) {
            // What is written from now on must come to the client, and not go by him in a turn that has begun.
            answer(running.attach(client));
        }
        return new Attachment(client, stdin, input, task, spec.terminal());
    }

    /**
     * The task has ended: waits until all it has written is in the log, then ends the attachments and what holds the FIFOs open. Who
     * has left the container and still holds its output is not waited for once he is silent for 500 ms, and 10 s at most. Idempotent.
     *
     * @return false when the log cannot be written: that goes on by itself
     */
    public boolean finish() throws InterruptedException {
        if (pump.isEmpty()) {
            return true;
        }
        try {
            pump.get().end().get(FINISH_SECONDS_MAX, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("Expected an output to end without failure, but it has not", e);
        }
    }

    /** Stops, and leaves everything for a later daemon. */
    void close() throws IOException {
        for (Pump running : pump) {
            answer(running.close());
        }
    }

    /** Waits for what a worker does. */
    static void answer(CompletableFuture<Void> order) throws IOException {
        answer(order, ANSWER_SECONDS_MAX, "the disk of the log");
    }

    private static void answer(CompletableFuture<Void> order, long secondsMax, String whose) throws IOException {
        try {
            order.get(secondsMax, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException("unexpected: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("%s did not answer within %d s".formatted(whose, secondsMax), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
