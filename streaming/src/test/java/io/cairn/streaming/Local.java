package io.cairn.streaming;

import io.cairn.testkit.stream.Pieces;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A session that is a command on this machine. Its pipes are read and written by threads of their own: the JDK would hold carriers of
 * virtual threads with them.
 */
final class Local implements Session {
    private static final byte[] END = {};

    final LinkedBlockingQueue<String> sizes = new LinkedBlockingQueue<>();
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final Process process;
    private final ArrayBlockingQueue<byte[]> input = new ArrayBlockingQueue<>(4);
    private final Pieces stdout = new Pieces();
    private final Pieces stderr = new Pieces();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private Local(Process process) {
        this.process = process;
        Thread.ofPlatform().daemon().start(this::feed);
        Thread.ofPlatform().daemon().start(() -> drain(process.getInputStream(), stdout));
        Thread.ofPlatform().daemon().start(() -> drain(process.getErrorStream(), stderr));
        process.onExit().thenAccept(ended -> exitCode.complete(ended.exitValue()));
    }

    static Local run(String... command) {
        try {
            return new Local(new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Endpoint.Opener<Session> shell(String script) {
        return () -> Either.right(run("sh", "-c", script));
    }

    private void feed() {
        try (OutputStream out = process.getOutputStream()) {
            for (byte[] piece = input.take(); piece != END; piece = input.take()) {
                out.write(piece);
                out.flush();
            }
        } catch (IOException e) {
            // The command reads no more.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void drain(InputStream in, Pieces pieces) {
        byte[] buffer = new byte[8192];
        try (in) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                pieces.put(Arrays.copyOf(buffer, count));
            }
            pieces.end();
        } catch (IOException | InterruptedException e) {
            // The command was killed.
            pieces.tryEnd();
        }
    }

    @Override
    public OutputStream stdin() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                hand(Arrays.copyOfRange(bytes, from, from + length));
            }

            @Override
            public void close() throws IOException {
                hand(END);
            }
        };
    }

    private void hand(byte[] piece) throws IOException {
        try {
            while (!input.offer(piece, 100, TimeUnit.MILLISECONDS)) {
                if (exitCode.isDone()) {
                    throw new IOException("the command has ended");
                }
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public InputStream stdout() {
        return stdout;
    }

    @Override
    public InputStream stderr() {
        return stderr;
    }

    @Override
    public void resize(int columns, int rows) {
        sizes.add(columns + "x" + rows);
    }

    @Override
    public Option<Integer> await() {
        return Option.some(exitCode.join());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        closed.complete(null);
    }
}
