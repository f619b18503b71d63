package io.cairn.core.daemon;

import io.cairn.journal.JournalOptions;
import io.cairn.streaming.StreamingOptions;
import io.vavr.collection.Map;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a daemon is told.
 *
 * @param stateDirectory what must survive a reboot; one daemon at a time
 * @param runDirectory what a reboot takes away
 * @param socket where CRI is served
 * @param messageBytesMax largest CRI request
 * @param retention how much of the event journal is kept
 * @param streaming where exec, attach and port-forward are served
 * @param defaultDriver used where no runtime handler is asked for
 * @param driverSettings handed to every driver, by dotted key
 * @param handlers settings of each runtime handler, by its name; the key {@code driver} names its driver
 * @param bootIdFile names this boot of the host, as /proc/sys/kernel/random/boot_id does, random(4)
 * @param version of this cairn
 */
public record DaemonOptions(
        Path stateDirectory,
        Path runDirectory,
        Path socket,
        int messageBytesMax,
        JournalOptions journal,
        JournalOptions access,
        RetentionOptions retention,
        StreamingOptions streaming,
        String defaultDriver,
        Map<String, String> driverSettings,
        Map<String, Map<String, String>> handlers,
        ImageOptions images,
        Path bootIdFile,
        String version) {
    /** The boot of the host this is. */
    String bootId() throws IOException {
        return Files.readString(bootIdFile).strip();
    }

    /** The same with another event journal. */
    public DaemonOptions withJournal(JournalOptions other) {
        return new DaemonOptions(stateDirectory, runDirectory, socket, messageBytesMax, other, access, retention, streaming, defaultDriver,
                driverSettings, handlers, images, bootIdFile, version);
    }
}
