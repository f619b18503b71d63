package io.cairn.core.daemon;

import io.cairn.journal.JournalOptions;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.nio.file.Path;

/**
 * What a daemon is told.
 *
 * @param stateDirectory what must survive a reboot; one daemon at a time
 * @param runDirectory what a reboot takes away
 * @param socket where CRI is served
 * @param messageBytesMax largest CRI request
 * @param defaultDriver used where no runtime handler is asked for
 * @param driverSettings handed to every driver, by dotted key
 * @param handlers settings of each runtime handler, by its name; the key {@code driver} names its driver
 * @param pinnedImages references of images the kubelet must not remove
 * @param version of this cairn
 */
public record DaemonOptions(
        Path stateDirectory,
        Path runDirectory,
        Path socket,
        int messageBytesMax,
        JournalOptions journal,
        JournalOptions access,
        String defaultDriver,
        Map<String, String> driverSettings,
        Map<String, Map<String, String>> handlers,
        Vector<String> pinnedImages,
        String version) {}
