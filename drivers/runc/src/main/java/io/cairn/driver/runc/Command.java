package io.cairn.driver.runc;

import com.google.protobuf.ByteString;
import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One run of an external program: no shell, no inherited environment, a deadline, bounded output.
 *
 * @param title what it is for, for messages
 */
record Command(String title, List<String> argv, Map<String, String> environment, Path directory, Duration deadline, int outputBytesMax) {
    /** runc and conmon look up helpers by it; nothing else of the daemon's environment is theirs. */
    static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** For what is in the pipes when the program has ended; a process it left behind may hold them for good. */
    static final long DRAIN_MILLIS = 500;

    private static final int STDERR_CHARS_MAX = 2000;
    private static final File NOTHING = new File("/dev/null");

    /** How it ended; the exit code is 128 + signal for a program that was killed. */
    record Ended(int exitCode, ByteString stdout, ByteString stderr) {
        boolean succeeded() {
            return exitCode == 0;
        }

        String said() {
            return clean(stderr);
        }
    }

    Ended run() throws DriverException {
        var stdout = new BoundedOutput(outputBytesMax);
        var stderr = new BoundedOutput(outputBytesMax);
        try (OutputPump pump = OutputPump.open(stdout, stderr)) {
            Process process = start(pump.writeEnd(0), pump.writeEnd(1));
            pump.start(() -> false);
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                pump.finish(0);
                throw Failures.of(Failure.Kind.TIMED_OUT, "%s: %s did not end within %s and was killed%s",
                        title, argv.head(), deadline, suffix(stderr.bytes()));
            }
            pump.finish(DRAIN_MILLIS);
            return new Ended(process.exitValue(), stdout.bytes(), stderr.bytes());
        } catch (IOException e) {
            throw Failures.io("%s: cannot run %s".formatted(title, argv.head()), e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** For a program that leaves processes behind which keep its input and output. */
    int runSilently() throws DriverException {
        try {
            Process process = start(NOTHING, NOTHING);
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw Failures.of(Failure.Kind.TIMED_OUT, "%s: %s did not end within %s and was killed", title, argv.head(), deadline);
            }
            return process.exitValue();
        } catch (IOException e) {
            throw Failures.io("%s: cannot run %s".formatted(title, argv.head()), e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    Process start(File stdout, File stderr) throws IOException {
        var builder = new ProcessBuilder(argv.asJava()).directory(directory.toFile())
                .redirectInput(NOTHING).redirectOutput(Redirect.to(stdout)).redirectError(Redirect.to(stderr));
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().putAll(environment.toJavaMap());
        return builder.start();
    }

    DriverException interrupted() {
        Thread.currentThread().interrupt();
        return Failures.of(Failure.Kind.UNAVAILABLE, "%s: interrupted while %s ran", title, argv.head());
    }

    /** Output for a message: bounded, one line, nothing that moves a terminal's cursor. */
    static String clean(ByteString output) {
        String text = output.toStringUtf8().strip().replaceAll("\\p{Cntrl}+", " ");
        return text.length() <= STDERR_CHARS_MAX ? text : text.substring(0, STDERR_CHARS_MAX) + "…";
    }

    private static String suffix(ByteString stderr) {
        return Option.of(clean(stderr)).filter(s -> !s.isEmpty()).map(s -> ", saying: " + s).getOrElse("");
    }
}
