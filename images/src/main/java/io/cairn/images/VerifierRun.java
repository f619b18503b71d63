package io.cairn.images;

import io.cairn.linux.Child;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Program;
import io.vavr.collection.Vector;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One run of a verifier, with the daemon's environment: proxies and credential helpers are found through it.
 *
 * @param argv the program by its absolute path, and its arguments
 */
record VerifierRun(Vector<String> argv, byte[] stdin, Duration deadline) {
    private static final int OUTPUT_BYTES_MAX = 32 << 10;
    /** For what is in the pipes when the program has ended; a process it left behind may hold them for good. */
    private static final Duration DRAIN = Duration.ofMillis(500);

    sealed interface Outcome {}

    /** @param exitCode 128 + signal for a program that was killed; outputs are cut at 32 KiB */
    record Ended(int exitCode, String stdout, String stderr) implements Outcome {}

    record TimedOut() implements Outcome {}

    record NotRun(String why) implements Outcome {}

    /** The beginning of an output. */
    private static final class Kept implements Child.Sink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized void accept(byte[] buffer, int from, int to) {
            bytes.write(buffer, from, Math.min(to - from, OUTPUT_BYTES_MAX - bytes.size()));
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    Outcome outcome() throws InterruptedException {
        var stdout = new Kept();
        var stderr = new Kept();
        var program = new Program(argv.asJava(), System.getenv(), Path.of("/"));
        try (Child child = Child.start(program, stdin, Child.Output.of(1, stdout), Child.Output.of(2, stderr))) {
            return outcome(child, stdout, stderr);
        } catch (LinuxException e) {
            return new NotRun(e.getMessage());
        }
    }

    private Outcome outcome(Child child, Kept stdout, Kept stderr) throws InterruptedException {
        try {
            if (!child.awaitEnd(deadline)) {
                killFamily(child);
                return new TimedOut();
            }
            child.finish(DRAIN);
            return new Ended(child.exitCode(), stdout.text(), stderr.text());
        } catch (InterruptedException e) {
            killFamily(child);
            throw e;
        }
    }

    /** A program that is killed leaves those it has started. */
    private static void killFamily(Child child) {
        List<ProcessHandle> family = ProcessHandle.of(child.pid()).stream().flatMap(ProcessHandle::descendants).toList();
        child.kill();
        family.forEach(process -> process.destroyForcibly());
    }
}
