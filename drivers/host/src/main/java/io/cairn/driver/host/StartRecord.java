package io.cairn.driver.host;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.StartedContainer;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * started.json: the process that will now be let go. Without it the program has not run; with it, whether it has is to be asked
 * of the backend as long as the process waits, and true afterwards.
 *
 * @param monitor the process that looks after it; none where there is none, or when it was gone already. The file calls it conmon, as
 *     it did when there was no other
 */
public record StartRecord(String bootId, ProcessRef process, long startedAtNanos, Option<ProcessRef> monitor) {
    public static Option<StartRecord> read(Path file) throws IOException {
        return FileTrees.readObject(file).flatMap(o -> ProcessRef.read(o.path("process")).map(process -> new StartRecord(
                o.path("boot_id").asText(), process, o.path("started_at_nanos").asLong(), ProcessRef.read(o.path("conmon")))));
    }

    /**
     * Sends a signal (number as in signal(7)) to a container's process; one that has ended, or was of another boot, is left alone. By the
     * process itself: it works while a backend is away, too.
     */
    public static void signal(Layout layout, Boot boot, String containerId, int signal) throws DriverException {
        try {
            Option<StartRecord> started = read(layout.container(Requests.id(containerId)).started());
            if (started.isDefined() && started.get().bootId().equals(boot.id())) {
                started.get().process().signal(signal);
            }
        } catch (IOException e) {
            throw Failures.io("Cannot send signal %d to container %s".formatted(signal, containerId), e);
        }
    }

    public ObjectNode toJson() {
        ObjectNode json = FileTrees.JSON.createObjectNode().put("boot_id", bootId).put("started_at_nanos", startedAtNanos);
        json.set("process", process.toJson());
        monitor.forEach(m -> json.set("conmon", m.toJson()));
        return json;
    }

    public StartedContainer toAnswer() {
        return new StartedContainer(process.pid(), startedAtNanos);
    }
}
