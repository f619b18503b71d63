package io.cairn.driver.containerd.io;

import io.cairn.linux.Descriptor;
import io.cairn.linux.Poller;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The input of a container. One that is to end with its first client is marked in the directory before he gets it, so that it also
 * ends when the daemon, and with it the client, ends. Thread-safe.
 */
final class Stdin {
    private static final Logger LOG = LoggerFactory.getLogger(Stdin.class);

    private final OutputSpec spec;
    private final OutputFiles files;
    private final Poller poller;
    private final Task task;
    private Set<Descriptor> open = HashSet.empty();
    private boolean ended;

    Stdin(OutputSpec spec, OutputFiles files, Poller poller, Task task) {
        this.spec = spec;
        this.files = files;
        this.poller = poller;
        this.task = task;
        // Whoever took it was a client of a daemon before this one.
        this.ended = Files.exists(files.stdinTaken());
    }

    /** @return none when there is no input, or no more */
    synchronized Option<Descriptor> open() throws IOException {
        if (!spec.stdin() || ended) {
            return Option.none();
        }
        if (spec.stdinOnce()) {
            take();
        }
        Descriptor descriptor = Descriptor.writeFifo(poller, files.stdin());
        open = open.add(descriptor);
        return Option.some(descriptor);
    }

    private void take() throws IOException {
        try {
            Files.createFile(files.stdinTaken());
        } catch (FileAlreadyExistsException e) {
            // He is not the first.
        }
    }

    /** A client has no more to say, or is gone. May be called again. */
    void left(Descriptor descriptor) {
        synchronized (this) {
            if (!open.contains(descriptor)) {
                return;
            }
            descriptor.close();
            open = open.remove(descriptor);
            if (!spec.stdinOnce()) {
                return;
            }
            ended = true;
            // As long as one of them is open, the shim sees no end.
            open.forEach(Descriptor::close);
            open = HashSet.empty();
        }
        try {
            task.closeStdin();
        } catch (IOException e) {
            LOG.warn("The input of container {} could not be ended: {}. It is tried again when containerd is back", spec.containerId(),
                    e.getMessage());
        }
    }

    /** Ends an input that should have ended. */
    void settle() throws IOException {
        boolean due;
        synchronized (this) {
            due = ended;
        }
        if (due) {
            task.closeStdin();
        }
    }
}
