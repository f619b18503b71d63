package io.cairn.driver.containerd.io;

import io.cairn.linux.Descriptor;
import io.cairn.linux.Fifo;
import io.cairn.linux.Poller;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of a command in a container: FIFOs, read and written as its client does. Nothing is kept: such a command ends with the
 * daemon. Thread-safe.
 */
public final class ExecStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExecStreams.class);
    private static final String NOBODY = "/dev/null";

    private final OutputFiles files;
    private final boolean terminal;
    private final Option<Descriptor> stdin;
    private final Option<Descriptor> stdout;
    private final Option<Descriptor> stderr;

    private ExecStreams(OutputFiles files, boolean terminal, Option<Descriptor> stdin, Option<Descriptor> stdout, Option<Descriptor> stderr) {
        this.files = files;
        this.terminal = terminal;
        this.stdin = stdin;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** Opens a FIFO. */
    @FunctionalInterface
    private interface Opener {
        Descriptor open(Poller poller, Path fifo) throws IOException;
    }

    /**
     * Makes the FIFOs and opens them, to be called before the command is made.
     *
     * @param directory of this command alone; {@link Outputs#remove} takes away what a dead daemon has left
     */
    public static ExecStreams open(Poller poller, Path directory, Stdio stdio) throws IOException {
        var files = new OutputFiles(directory);
        List<Descriptor> opened = List.empty();
        try {
            files.make();
            var stdin = one(stdio.stdin(), poller, files.stdin(), Descriptor::writeFifo);
            opened = opened.appendAll(stdin);
            var stdout = one(stdio.stdout(), poller, files.fifo(Stream.STDOUT), Descriptor::readFifo);
            opened = opened.appendAll(stdout);
            var stderr = one(stdio.stderr() && !stdio.tty(), poller, files.fifo(Stream.STDERR), Descriptor::readFifo);
            return new ExecStreams(files, stdio.tty(), stdin, stdout, stderr);
        } catch (IOException e) {
            opened.forEach(Descriptor::close);
            files.remove();
            throw e;
        }
    }

    private static Option<Descriptor> one(boolean wanted, Poller poller, Path fifo, Opener opener) throws IOException {
        if (!wanted) {
            return Option.none();
        }
        Fifo.make(fifo, OutputFiles.OWNER_ONLY);
        return Option.some(opener.open(poller, fifo));
    }

    /** What containerd is told when the command is made. Its shim opens both outputs unless there is a terminal, wanted or not. */
    public StdioPaths paths() {
        return new StdioPaths(stdin.isDefined() ? files.stdin().toString() : "",
                stdout.isDefined() ? files.fifo(Stream.STDOUT).toString() : NOBODY,
                stderr.isDefined() ? files.fifo(Stream.STDERR).toString() : terminal ? "" : NOBODY);
    }

    /**
     * To be called once containerd has said that the command runs: before, the shim has not opened its ends, and a read is at its end.
     * From then on nobody needs the names; so nothing is left of a command whose end is on record when the daemon dies.
     */
    public Session session(ExecTask task) {
        try {
            files.remove();
        } catch (IOException e) {
            LOG.debug("The names of a command's streams are taken away at its end: {}", e.getMessage());
        }
        return new ExecSession(this, task);
    }

    Option<Descriptor> stdin() {
        return stdin;
    }

    Option<Descriptor> stdout() {
        return stdout;
    }

    Option<Descriptor> stderr() {
        return stderr;
    }

    /** Closes the FIFOs and takes them away. Idempotent. */
    @Override
    public void close() throws IOException {
        stdin.forEach(Descriptor::close);
        stdout.forEach(Descriptor::close);
        stderr.forEach(Descriptor::close);
        files.remove();
    }
}
