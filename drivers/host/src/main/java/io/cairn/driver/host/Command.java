package io.cairn.driver.host;

import com.google.protobuf.ByteString;
import io.cairn.core.driver.DriverException;
import io.cairn.linux.Child;
import io.cairn.linux.Child.Output;
import io.cairn.linux.Program;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * One run of an external program: no shell, no inherited environment, a deadline, bounded output.
 *
 * @param title what it is for, for messages
 * @param environment all it gets beside PATH, which is {@link #PATH} if it is not in here
 */
public record Command(String title, List<String> argv, Map<String, String> environment, Path directory, Duration deadline, int outputBytesMax) {
    /** Programs look up helpers by it, as runc and conmon do; nothing else of the daemon's environment is theirs. */
    public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** For what is in the pipes when the program has ended; a process it left behind may hold them for good. */
    public static final Duration DRAIN = Duration.ofMillis(500);

    private static final int STDERR_CHARS_MAX = 2000;
    private static final byte[] NO_INPUT = {};

    /** How it ended; the exit code is 128 + signal for a program that was killed. */
    public record Ended(int exitCode, ByteString stdout, ByteString stderr) {
        public boolean succeeded() {
            return exitCode == 0;
        }

        /** What it has written to stderr, for a message. */
        public String said() {
            return clean(stderr);
        }
    }

    /** @throws DriverException TIMED_OUT when it did not end in time and was killed, another kind when it cannot be run */
    public Ended run() throws DriverException {
        var stdout = new BoundedOutput(outputBytesMax);
        var stderr = new BoundedOutput(outputBytesMax);
        try (Child program = start(() -> false, Output.of(1, stdout), Output.of(2, stderr))) {
            if (!program.awaitEnd(deadline)) {
                program.kill();
                program.finish(Duration.ZERO);
                throw Failures.of(Failure.Kind.TIMED_OUT, "%s: %s did not end within %s and was killed%s",
                        title, argv.head(), deadline, suffix(stderr.bytes()));
            }
            program.finish(DRAIN);
            return new Ended(program.exitCode(), stdout.bytes(), stderr.bytes());
        } catch (IOException e) {
            throw Failures.io("%s: cannot run %s".formatted(title, argv.head()), e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** For a program that leaves processes behind which keep its input and output. */
    public int runSilently() throws DriverException {
        return runWith(HashMap.empty());
    }

    /** As {@link #runSilently}, with descriptors of ours, by the number they are to have; the caller closes them. */
    public int runWith(Map<Integer, Integer> descriptors) throws DriverException {
        try (Child program = Child.start(program(), descriptors.toJavaMap())) {
            if (!program.awaitEnd(deadline)) {
                program.kill();
                throw Failures.of(Failure.Kind.TIMED_OUT, "%s: %s did not end within %s and was killed", title, argv.head(), deadline);
            }
            return program.exitCode();
        } catch (IOException e) {
            throw Failures.io("%s: cannot run %s".formatted(title, argv.head()), e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Begins it and leaves the waiting to the caller, who closes it. @param enough when the output read so far is all that is wanted */
    public Child start(BooleanSupplier enough, Output... outputs) throws IOException {
        return Child.start(program(), NO_INPUT, enough, outputs);
    }

    private Program program() {
        return new Program(argv.asJava(), (environment.containsKey("PATH") ? environment : environment.put("PATH", PATH)).toJavaMap(), directory);
    }

    /** What is thrown when the waiting thread was interrupted; it stays so. */
    public DriverException interrupted() {
        Thread.currentThread().interrupt();
        return Failures.of(Failure.Kind.UNAVAILABLE, "%s: interrupted while %s ran", title, argv.head());
    }

    /** Output for a message: bounded, one line, nothing that moves a terminal's cursor. */
    public static String clean(ByteString output) {
        String text = output.toStringUtf8().strip().replaceAll("\\p{Cntrl}+", " ");
        return text.length() <= STDERR_CHARS_MAX ? text : text.substring(0, STDERR_CHARS_MAX) + "…";
    }

    private static String suffix(ByteString stderr) {
        return Option.of(clean(stderr)).filter(s -> !s.isEmpty()).map(s -> ", saying: " + s).getOrElse("");
    }
}
