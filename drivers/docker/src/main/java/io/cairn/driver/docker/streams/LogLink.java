package io.cairn.driver.docker.streams;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A container's log where the kubelet looks for it: a symbolic link to the file that the engine writes (its log driver json-file), whose lines
 * the kubelet and crictl read as they read the CRI's.
 *
 * @param place where the kubelet looks for it
 * @param log the engine's file, which is there once the container was started
 */
public record LogLink(Path place, Path log) {
    /**
     * @param engineRoot the engine's data directory
     * @param engineId the engine's id of the container
     */
    public static LogLink of(Path place, Path engineRoot, String engineId) {
        return new LogLink(place, engineRoot.resolve("containers").resolve(engineId).resolve(engineId + "-json.log"));
    }

    /**
     * Makes it; nothing happens when it is there. One to the log of another container of the engine is of a creation that was cut short, and
     * gives way.
     *
     * @throws DriverException something else is there, which is not taken away: the pod may have put it there, or another runtime
     */
    public void make() throws IOException, DriverException {
        if (Files.isSymbolicLink(place)) {
            Path target = Files.readSymbolicLink(place);
            if (target.equals(log)) {
                return;
            }
            if (!isLogOfEngine(target)) {
                throw Failures.invalid("Expected the log %s not to be there, or to be a link to a log of the Docker Engine, but it is a symbolic link to %.300s",
                        place, target);
            }
            Files.delete(place);
        } else if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            throw Failures.invalid("Expected the log %s not to be there, since the driver docker makes a link to the Docker Engine's log of it, "
                    + "but there is a file: move it away", place);
        }
        Files.createSymbolicLink(place, log);
    }

    private boolean isLogOfEngine(Path target) {
        Path containers = log.getParent().getParent();
        return target.normalize().equals(target) && target.startsWith(containers) && target.getNameCount() == containers.getNameCount() + 2
                && target.getFileName().toString().endsWith("-json.log");
    }

    /** Takes it away: the engine takes its log away with the container. What others have put there stays. */
    public void remove() throws IOException {
        if (Files.isSymbolicLink(place) && Files.readSymbolicLink(place).equals(log)) {
            Files.deleteIfExists(place);
        }
    }
}
