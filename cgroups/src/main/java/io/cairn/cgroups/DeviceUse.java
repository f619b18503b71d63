package io.cairn.cgroups;

/** What went to and from one block device since the cgroup was made. */
public record DeviceUse(int major, int minor, long readBytes, long writtenBytes, long reads, long writes) {
    DeviceUse plus(DeviceUse other) {
        return new DeviceUse(major, minor, readBytes + other.readBytes, writtenBytes + other.writtenBytes, reads + other.reads,
                writes + other.writes);
    }
}
