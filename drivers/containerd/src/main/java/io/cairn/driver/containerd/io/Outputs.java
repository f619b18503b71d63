package io.cairn.driver.containerd.io;

import io.cairn.linux.Fifo;
import io.cairn.linux.PlainFile;
import io.cairn.linux.PlainFile.Writing;
import io.cairn.linux.Poller;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outputs of all containers of a driver. Thread-safe; the caller serialises calls about one container. */
public final class Outputs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outputs.class);
    private static final Path PIPE_BYTES_MAX = Path.of("/proc/sys/fs/pipe-max-size");

    private static final int NUMBER_BYTES_MAX = 32;

    private final Poller poller;
    private final Holder holder;
    private final int pipeBytesMax;
    private final Workers workers = new Workers();
    private final ConcurrentHashMap<String, Output> outputs = new ConcurrentHashMap<>();

    private Outputs(Poller poller, Holder holder, int pipeBytesMax) {
        this.poller = poller;
        this.holder = holder;
        this.pipeBytesMax = pipeBytesMax;
    }

    /**
     * @param poller stays the caller's, and is to be closed after this
     * @param programs where a program can be put that is run from there: not in /run, which is mounted noexec on many hosts
     */
    public static Outputs open(Poller poller, Path programs) throws IOException {
        return new Outputs(poller, Holder.install(programs), pipeBytesMax());
    }

    /** The kernel gives such a file to the first read(2) only, and Files.readString begins with one of a single byte. */
    private static int pipeBytesMax() throws IOException {
        try (InputStream in = Files.newInputStream(PIPE_BYTES_MAX)) {
            return Integer.parseInt(new String(in.readNBytes(NUMBER_BYTES_MAX), StandardCharsets.US_ASCII).strip());
        }
    }

    /**
     * Begins, or goes on, to bring a container's output to its log. To be called before the task is made, with {@link Output#awaitReady}
     * before its program runs, and by every later daemon until the output is finished or removed. Idempotent, also after a crash at any
     * point of it.
     *
     * @throws IOException what was made is left for {@link #remove}. The log of one that was there before is no reason: it is tried
     *     again by itself
     */
    public Output open(OutputSpec spec, Task task) throws IOException {
        Output there = outputs.get(spec.containerId());
        if (there != null) {
            return there;
        }
        var files = new OutputFiles(spec.directory());
        files.make();
        var stdin = new Stdin(spec, files, poller, task);
        var held = new CompletableFuture<Void>();
        Output output = new Output(spec, files, stdin, task, pump(spec, files, held), held);
        outputs.put(spec.containerId(), output);
        return output;
    }

    /** @param held done once what is in the FIFOs outlives this daemon */
    private Option<Pump> pump(OutputSpec spec, OutputFiles files, CompletableFuture<Void> held) throws IOException {
        PlainFile cursorFile = PlainFile.openOrCreate(files.cursor(), OutputFiles.OWNER_ONLY, Writing.PLACED);
        try {
            boolean isNew = cursorFile.stat().sizeBytes() == 0;
            if (!isNew && !Files.exists(files.leash())) {
                cursorFile.close();
                held.complete(null);
                return Option.none();
            }
            Option<Cursor> cursor = Cursor.read(cursorFile);
            if (!isNew && cursor.isEmpty()) {
                LOG.error("Expected {} to say how far the output of container {} has come, but it is damaged: goes on at the start of what is "
                        + "spooled, up to 1 MiB of which may be in the log already", files.cursor(), spec.containerId());
            }
            var pump = new Pump(spec.containerId(), workers, news -> conduit(spec, files, cursorFile, cursor, news, held),
                    () -> release(files));
            start(pump, isNew);
            return Option.some(pump);
        } catch (IOException e) {
            cursorFile.close();
            throw e;
        }
    }

    private Conduit conduit(OutputSpec spec, OutputFiles files, PlainFile cursorFile, Option<Cursor> cursor, Runnable news,
            CompletableFuture<Void> held) throws IOException {
        if (spec.stdin()) {
            Fifo.make(files.stdin(), OutputFiles.OWNER_ONLY);
        }
        Vector<Spool> spools = Vector.empty();
        try {
            for (Stream stream : spec.terminal() ? Vector.of(Stream.STDOUT) : Vector.of(Stream.values())) {
                Fifo.make(files.fifo(stream), OutputFiles.OWNER_ONLY);
                spools = spools.append(Spool.open(stream, files, cursor.getOrElse(Cursor.START).of(stream), pipeBytesMax, poller, news));
            }
            holder.hold(files, spools.map(Spool::fifo), poller, held);
            return new Conduit(spec.log(), workers, spools, cursorFile, cursor);
        } catch (IOException e) {
            spools.forEach(Spool::close);
            throw e;
        }
    }

    private static void start(Pump pump, boolean isNew) throws IOException {
        try {
            Output.answer(pump.openLog());
        } catch (IOException e) {
            if (isNew) {
                Output.answer(pump.close());
                throw e;
            }
            LOG.debug("The log is opened later", e);
        }
    }

    private static void release(OutputFiles files) {
        try {
            Holder.release(files);
        } catch (IOException e) {
            LOG.warn("What holds the output in {} open could not be told to end: {}", files.directory(), e.getMessage());
        }
    }

    public Option<Output> find(String containerId) {
        return Option.of(outputs.get(containerId));
    }

    /** Stops it if it is open here, and takes away everything but the log. Idempotent, also after a crash at any point of it. */
    public void remove(String containerId, Path directory) throws IOException {
        Output open = outputs.remove(containerId);
        if (open != null) {
            open.close();
        }
        new OutputFiles(directory).remove();
    }

    /** Stops, and leaves everything for the next daemon. */
    @Override
    public void close() {
        for (Output output : outputs.values()) {
            try {
                output.close();
            } catch (IOException e) {
                LOG.warn("The output of container {} did not stop: {}", output.spec().containerId(), e.getMessage());
            }
        }
        outputs.clear();
        workers.close();
    }
}
