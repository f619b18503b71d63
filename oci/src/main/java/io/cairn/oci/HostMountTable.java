package io.cairn.oci;

import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@link MountTable} out of a mountinfo file (proc_pid_mountinfo(5)). */
record HostMountTable(Path mountinfo) implements MountTable {
    @Override
    public Option<Row> holding(Path hostPath) {
        try {
            Path real = hostPath.toRealPath();
            Option<Row> found = Option.none();
            for (String line : Files.readAllLines(mountinfo)) {
                Option<Row> row = row(line).filter(r -> real.startsWith(r.mountPoint()));
                // The longest mount point holds the path; of two at one place the later covers the earlier.
                if (row.isDefined() && (found.isEmpty() || row.get().mountPoint().startsWith(found.get().mountPoint()))) {
                    found = row;
                }
            }
            return found;
        } catch (IOException e) {
            return Option.none();
        }
    }

    /** {@code 36 35 98:0 /root /mnt rw,noatime master:1 shared:2 - ext4 /dev/root rw}. */
    private static Option<Row> row(String line) {
        String[] left = line.split(" - ", 2)[0].split(" ");
        if (left.length < 6) {
            return Option.none();
        }
        boolean shared = false;
        boolean slave = false;
        for (int i = 6; i < left.length; i++) {
            shared |= left[i].startsWith("shared:");
            slave |= left[i].startsWith("master:");
        }
        return Option.some(new Row(Path.of(unescape(left[4])), shared, slave));
    }

    /** The kernel writes space, tab, newline and backslash as three octal digits. */
    private static String unescape(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
    }
}
