package io.cairn.cgroups;

import io.vavr.collection.List;
import io.vavr.collection.TreeMap;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/** The files that tell a cgroup's traffic with block devices. */
record DeviceFiles(Hierarchies hierarchies) {
    /** io.stat: {@code 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6}. */
    Vector<DeviceUse> v2(Path path) throws IOException {
        Option<Path> directory = hierarchies.directory("io", path);
        List<String> lines = directory.isDefined() ? CgroupFile.lines(directory.get().resolve("io.stat")) : List.empty();
        return sum(lines.flatMap(DeviceFiles::v2Line));
    }

    private static Option<DeviceUse> v2Line(String line) {
        String[] words = line.strip().split(" ");
        var pairs = List.of(words).flatMap(word -> CgroupFile.pair(word, "=")).toMap(CgroupFile.Pair::name, CgroupFile.Pair::value);
        return device(words[0]).map(none -> new DeviceUse(none.major(), none.minor(), pairs.getOrElse("rbytes", 0L),
                pairs.getOrElse("wbytes", 0L), pairs.getOrElse("rios", 0L), pairs.getOrElse("wios", 0L)));
    }

    /** {@code 8:0 Read 4096}; the recursive files hold those of the cgroups below too. */
    Vector<DeviceUse> v1(Path path) throws IOException {
        Option<Path> directory = hierarchies.directory("blkio", path);
        if (directory.isEmpty()) {
            return Vector.empty();
        }
        List<DeviceUse> all = List.empty();
        for (String line : either(directory.get(), "blkio.throttle.io_service_bytes")) {
            all = all.appendAll(v1Line(line, true));
        }
        for (String line : either(directory.get(), "blkio.throttle.io_serviced")) {
            all = all.appendAll(v1Line(line, false));
        }
        return sum(all);
    }

    private static List<String> either(Path directory, String file) throws IOException {
        List<String> recursive = CgroupFile.lines(directory.resolve(file + "_recursive"));
        return recursive.isEmpty() ? CgroupFile.lines(directory.resolve(file)) : recursive;
    }

    private static Option<DeviceUse> v1Line(String line, boolean bytes) {
        String[] words = line.strip().split(" ");
        if (words.length != 3) {
            return Option.none();
        }
        long value = CgroupFile.number(words[2]).getOrElse(0L);
        long read = words[1].equals("Read") ? value : 0;
        long written = words[1].equals("Write") ? value : 0;
        return device(words[0]).map(none -> bytes
                ? new DeviceUse(none.major(), none.minor(), read, written, 0, 0)
                : new DeviceUse(none.major(), none.minor(), 0, 0, read, written));
    }

    private static Option<DeviceUse> device(String word) {
        return word.matches("[0-9]{1,9}:[0-9]{1,9}")
                ? Option.some(new DeviceUse(Integer.parseInt(word.split(":")[0]), Integer.parseInt(word.split(":")[1]), 0, 0, 0, 0))
                : Option.none();
    }

    private static Vector<DeviceUse> sum(List<DeviceUse> parts) {
        return parts.foldLeft(TreeMap.<String, DeviceUse>empty(), (all, part) -> {
            String key = part.major() + ":" + part.minor();
            return all.put(key, all.get(key).map(part::plus).getOrElse(part));
        }).values().toVector();
    }
}
