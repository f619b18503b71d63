package io.cairn.journal;

import io.cairn.testkit.JavaProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that runs one of the test programs and can be killed at any moment. What it prints is kept here. */
final class Child implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 60;

    private final Process process;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>();

    private Child(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    /**
     * How to start children.
     *
     * @param errors where children write their errors to
     */
    record Launcher(JavaProgram programs, Path errors) {
        static Launcher make(Path directory) throws IOException {
            return new Launcher(JavaProgram.in(directory), directory.resolve("children.err"));
        }

        /** For many of them: one that ends by itself has the others start sooner. */
        Launcher learn(Class<?> program, String... arguments) throws IOException, InterruptedException {
            programs.learn(errors, program, arguments);
            return this;
        }

        Child start(Class<?> program, String... arguments) throws IOException {
            return start(List.of(), program, arguments);
        }

        /** @param prefix what to run it under, as strace and its arguments */
        Child start(List<String> prefix, Class<?> program, String... arguments) throws IOException {
            var all = new ArrayList<>(prefix);
            all.addAll(programs.command(program, arguments));
            return new Child(new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())).start());
        }
    }

    private void read() {
        try (var in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException e) {
            // The pipe of a killed process: what was read so far is what it said.
        }
    }

    /** Waits until it has printed so many lines. */
    void awaitLines(int count) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        synchronized (lines) {
            while (lines.size() < count) {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                if (leftMillis <= 0 || !process.isAlive() && !reader.isAlive()) {
                    throw new AssertionError("Expected %d lines from the child, but got %s".formatted(count, lines));
                }
                lines.wait(Math.min(leftMillis, 100));
            }
        }
    }

    /** Waits for that long or until it ends. */
    boolean endsWithin(long time, TimeUnit unit) throws InterruptedException {
        return process.waitFor(time, unit);
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            close();
            throw new AssertionError("The child did not end within " + DEADLINE_SECONDS + " s");
        }
        reader.join();
        return process.exitValue();
    }

    /** Everything it printed; complete after it ended. */
    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL, and everything it had printed before. */
    List<String> kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join();
        return lines();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
