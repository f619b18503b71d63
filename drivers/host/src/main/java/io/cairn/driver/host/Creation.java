package io.cairn.driver.host;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.core.driver.DriverException;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/**
 * A creation that can be cut short at any point and tried again: what is on record is answered, everything else is made anew, and what
 * fails leaves nothing.
 *
 * @param remover takes away what a creation has left
 */
public record Creation(Layout layout, ContainerRemover remover) {
    /** Makes the container: its directories first, its record last. */
    @FunctionalInterface
    public interface Maker {
        CreatedContainer make(ContainerFiles files) throws IOException, DriverException;
    }

    public CreatedContainer create(ContainerSpec spec, Maker maker) throws DriverException {
        ContainerFiles files = layout.container(Requests.id(spec.id()));
        try {
            Option<ContainerRecord> known = ContainerRecord.read(files.record());
            if (known.isDefined()) {
                return known.get().toAnswer();
            }
            if (Files.exists(files.state()) || Files.exists(files.run())) {
                // What a creation that was cut short has left is not trusted.
                remover.remove(spec.id());
            }
            try {
                return maker.make(files);
            } catch (DriverException | IOException e) {
                undo(spec.id(), e);
                throw e;
            }
        } catch (IOException e) {
            throw Failures.io("Cannot create container " + spec.id(), e);
        }
    }

    private void undo(String id, Exception cause) {
        try {
            remover.remove(id);
        } catch (DriverException e) {
            cause.addSuppressed(e);
        }
    }
}
