package io.cairn.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process' cgroup on this host, of version 1 or 2 (cgroups(7)). */
record Cgroups(long pid) {
    private static final Path TOP = Path.of("/sys/fs/cgroup");

    static boolean isV2() {
        return Files.exists(TOP.resolve("cgroup.controllers"));
    }

    /** Where the process is, by its own word: the line of a controller, or version 2's only one. */
    String path(String controller) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup"))) {
            String[] fields = line.split(":", 3);
            if (isV2() ? fields[0].equals("0") : java.util.List.of(fields[1].split(",")).contains(controller)) {
                return fields[2];
            }
        }
        throw new IOException("process %d is in no cgroup of %s".formatted(pid, controller));
    }

    /** Whether the cgroup has a file of this name in version 1 or 2. */
    boolean has(String controller, String v1, String v2) throws IOException {
        Path hierarchy = isV2() ? TOP : TOP.resolve(controller);
        return Files.exists(hierarchy.resolve(path(controller).substring(1)).resolve(isV2() ? v2 : v1));
    }

    /** Whether version 2 has this file of the process' cgroup, alone or beside version 1. */
    boolean hasInV2(String file) throws IOException {
        Path hierarchy = isV2() ? TOP : TOP.resolve("unified");
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup"))) {
            if (line.startsWith("0::/") && Files.exists(hierarchy.resolve(line.substring(4)).resolve(file))) {
                return true;
            }
        }
        return false;
    }

    /** One of the cgroup's files, by its name in version 1 or 2. */
    String read(String controller, String v1, String v2) throws IOException {
        Path hierarchy = isV2() ? TOP : TOP.resolve(controller);
        return Files.readString(hierarchy.resolve(path(controller).substring(1)).resolve(isV2() ? v2 : v1)).strip();
    }
}
