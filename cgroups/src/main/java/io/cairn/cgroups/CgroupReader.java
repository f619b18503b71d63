package io.cairn.cgroups;

import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * Reads what the kernel counts for a cgroup (Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/). Nothing is remembered between
 * reads. Thread-safe.
 */
public final class CgroupReader {
    private static final Path ROOT = Path.of("/");
    /** A cgroup with more is not one of a pod; the rest is not counted. */
    private static final int PROCESSES_MAX = 100_000;

    private final Hierarchies hierarchies;

    public CgroupReader(Hierarchies hierarchies) {
        this.hierarchies = hierarchies;
    }

    /** @param cgroup absolute, as in proc_pid_cgroup(5). None where there is no such cgroup */
    public Option<CgroupUse> read(String cgroup) throws IOException {
        Path path = ROOT.relativize(Path.of(cgroup).normalize());
        Option<CpuUse> cpu = cpu(path);
        Option<MemoryUse> memory = memory(path);
        Option<Long> tasks = number("pids", path, "pids.current");
        if (cpu.isEmpty() && memory.isEmpty() && tasks.isEmpty()) {
            return Option.none();
        }
        return Option.some(new CgroupUse(cpu, memory, tasks, number("pids", path, "pids.max"), pressure(path, "cpu.pressure"),
                pressure(path, "memory.pressure"), pressure(path, "io.pressure")));
    }

    /** Pids of the processes in a cgroup and those below it. */
    public List<Long> processes(String cgroup) throws IOException {
        Path path = ROOT.relativize(Path.of(cgroup).normalize());
        Option<Path> directory = hierarchies.directory("memory", path).orElse(() -> hierarchies.directory("pids", path));
        return directory.isDefined() ? processes(directory.get(), List.empty()) : List.empty();
    }

    /** Traffic with block devices; each is named once. */
    public Vector<DeviceUse> devices(String cgroup) throws IOException {
        Path path = ROOT.relativize(Path.of(cgroup).normalize());
        return hierarchies.isV2() ? new DeviceFiles(hierarchies).v2(path) : new DeviceFiles(hierarchies).v1(path);
    }

    public Vector<HugepageUse> hugepages(String cgroup) throws IOException {
        Option<Path> directory = hierarchies.directory("hugetlb", ROOT.relativize(Path.of(cgroup).normalize()));
        Vector<HugepageUse> all = Vector.empty();
        String suffix = hierarchies.isV2() ? ".current" : ".usage_in_bytes";
        for (Path file : directory.map(CgroupReader::hugepageFiles).getOrElse(List.empty())) {
            String name = file.getFileName().toString();
            if (name.endsWith(suffix) && !name.contains(".rsvd.")) {
                String size = name.substring("hugetlb.".length(), name.length() - suffix.length());
                Option<Long> most = CgroupFile.number(file.resolveSibling("hugetlb." + size + ".max_usage_in_bytes"));
                all = all.appendAll(CgroupFile.number(file).map(usage -> new HugepageUse(size, usage, most.getOrElse(usage))));
            }
        }
        return all.sortBy(HugepageUse::pageSize);
    }

    private static List<Path> hugepageFiles(Path directory) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "hugetlb.*")) {
            return List.ofAll(files);
        } catch (IOException | DirectoryIteratorException e) {
            return List.empty();
        }
    }

    private static List<Long> processes(Path directory, List<Long> known) throws IOException {
        List<Long> pids = known.prependAll(CgroupFile.lines(directory.resolve("cgroup.procs")).flatMap(CgroupFile::number));
        try (DirectoryStream<Path> below = Files.newDirectoryStream(directory, Files::isDirectory)) {
            for (Path child : below) {
                pids = pids.size() < PROCESSES_MAX ? processes(child, pids) : pids;
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return pids;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return pids;
    }

    private Option<CpuUse> cpu(Path path) throws IOException {
        return hierarchies.isV2() ? cpuV2(path) : cpuV1(path);
    }

    private Option<CpuUse> cpuV2(Path path) throws IOException {
        Map<String, Long> stat = flat("cpu", path, "cpu.stat");
        return stat.get("usage_usec").map(usage -> new CpuUse(micros(usage), micros(of(stat, "user_usec")), micros(of(stat, "system_usec")),
                of(stat, "nr_periods"), of(stat, "nr_throttled"), micros(of(stat, "throttled_usec"))));
    }

    private Option<CpuUse> cpuV1(Path path) throws IOException {
        Option<Long> usage = number("cpuacct", path, "cpuacct.usage");
        if (usage.isEmpty()) {
            return Option.none();
        }
        Map<String, Long> ticks = flat("cpuacct", path, "cpuacct.stat");
        Map<String, Long> stat = flat("cpu", path, "cpu.stat");
        return Option.some(new CpuUse(usage.get(), ticks(of(ticks, "user")), ticks(of(ticks, "system")), of(stat, "nr_periods"),
                of(stat, "nr_throttled"), of(stat, "throttled_time")));
    }

    private Option<MemoryUse> memory(Path path) throws IOException {
        Option<Path> directory = hierarchies.directory("memory", path);
        return directory.isEmpty() ? Option.none() : hierarchies.isV2() ? memoryV2(directory.get()) : memoryV1(directory.get());
    }

    private static Option<MemoryUse> memoryV2(Path dir) throws IOException {
        Option<Long> usage = CgroupFile.number(dir.resolve("memory.current"));
        if (usage.isEmpty()) {
            return Option.none();
        }
        Map<String, Long> stat = CgroupFile.flat(dir.resolve("memory.stat"));
        Map<String, Long> events = CgroupFile.flat(dir.resolve("memory.events"));
        Option<Long> swapLimit = CgroupFile.limit(dir.resolve("memory.swap.max"));
        return Option.some(new MemoryUse(usage.get(), workingSet(usage.get(), of(stat, "inactive_file")), of(stat, "anon"), of(stat, "file"),
                of(stat, "file_mapped"), of(stat, "kernel"), of(stat, "pgfault"), of(stat, "pgmajfault"),
                CgroupFile.limit(dir.resolve("memory.max")), CgroupFile.number(dir.resolve("memory.peak")), of(events, "max"),
                of(events, "oom_kill"),
                CgroupFile.number(dir.resolve("memory.swap.current")).map(swap -> new MemoryUse.Swap(swap, swapLimit))));
    }

    /** The counters with {@code total_} hold those of the cgroups below too, as everything does on v2. */
    private static Option<MemoryUse> memoryV1(Path dir) throws IOException {
        Option<Long> usage = CgroupFile.number(dir.resolve("memory.usage_in_bytes"));
        if (usage.isEmpty()) {
            return Option.none();
        }
        Map<String, Long> stat = CgroupFile.flat(dir.resolve("memory.stat"));
        Option<Long> limit = CgroupFile.limit(dir.resolve("memory.limit_in_bytes"));
        return Option.some(new MemoryUse(usage.get(), workingSet(usage.get(), of(stat, "total_inactive_file")), of(stat, "total_rss"),
                of(stat, "total_cache"), of(stat, "total_mapped_file"),
                CgroupFile.number(dir.resolve("memory.kmem.usage_in_bytes")).getOrElse(0L), of(stat, "total_pgfault"),
                of(stat, "total_pgmajfault"), limit, CgroupFile.number(dir.resolve("memory.max_usage_in_bytes")),
                CgroupFile.number(dir.resolve("memory.failcnt")).getOrElse(0L),
                of(CgroupFile.flat(dir.resolve("memory.oom_control")), "oom_kill"), swapV1(dir, usage.get(), limit)));
    }

    /** v1 counts and limits memory and swap together. */
    private static Option<MemoryUse.Swap> swapV1(Path dir, long usage, Option<Long> limit) throws IOException {
        Option<Long> both = CgroupFile.number(dir.resolve("memory.memsw.usage_in_bytes"));
        Option<Long> bothLimit = CgroupFile.limit(dir.resolve("memory.memsw.limit_in_bytes"));
        return both.map(sum -> new MemoryUse.Swap(Math.max(0, sum - usage),
                bothLimit.flatMap(most -> limit.map(memory -> Math.max(0, most - memory)))));
    }

    private static long workingSet(long usage, long inactiveFile) {
        return Math.max(0, usage - inactiveFile);
    }

    /** Pressure is cgroup2's; a hybrid host has it where the OCI runtime puts processes into the cgroup2 beside as well. */
    private Option<Pressure> pressure(Path path, String file) throws IOException {
        if (hierarchies.unified().isEmpty()) {
            return Option.none();
        }
        Map<String, Pressure.Share> shares = HashMap.empty();
        for (String line : CgroupFile.lines(hierarchies.unified().get().resolve(path).resolve(file))) {
            String[] words = line.strip().split(" ");
            shares = shares.put(words[0], share(words));
        }
        Map<String, Pressure.Share> found = shares;
        return found.get("some").map(some -> new Pressure(some, found.getOrElse("full", Pressure.Share.NONE)));
    }

    /** {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}. */
    private static Pressure.Share share(String[] words) {
        Map<String, String> fields = List.of(words).map(word -> word.split("=", 2)).filter(halves -> halves.length == 2)
                .foldLeft(HashMap.empty(), (all, halves) -> all.put(halves[0], halves[1]));
        return new Pressure.Share(percent(fields, "avg10"), percent(fields, "avg60"), percent(fields, "avg300"),
                fields.get("total").flatMap(CgroupFile::number).getOrElse(0L));
    }

    private static double percent(Map<String, String> fields, String name) {
        return fields.get(name).filter(text -> text.matches("[0-9]{1,3}(\\.[0-9]{1,9})?")).map(Double::parseDouble).getOrElse(0.0);
    }

    private Map<String, Long> flat(String controller, Path path, String file) throws IOException {
        Option<Path> directory = hierarchies.directory(controller, path);
        return directory.isDefined() ? CgroupFile.flat(directory.get().resolve(file)) : HashMap.empty();
    }

    private Option<Long> number(String controller, Path path, String file) throws IOException {
        Option<Path> directory = hierarchies.directory(controller, path);
        return directory.isDefined() ? CgroupFile.number(directory.get().resolve(file)) : Option.none();
    }

    private static long of(Map<String, Long> values, String name) {
        return values.getOrElse(name, 0L);
    }

    private static long micros(long value) {
        return value * 1_000;
    }

    /** USER_HZ is 100 on every platform Cairn runs on (times(2)). */
    private static long ticks(long value) {
        return value * 10_000_000;
    }
}
