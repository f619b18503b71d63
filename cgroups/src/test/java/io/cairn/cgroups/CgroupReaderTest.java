package io.cairn.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees as kernels have them, of both versions and mixed, and files as no kernel should have them. */
class CgroupReaderTest {
    @TempDir Path top;

    @Test
    void readsVersion2() throws Exception {
        write("cgroup.controllers", "cpuset cpu io memory hugetlb pids");
        String pod = "kubepods/pod1/";
        write(pod + "cpu.stat", "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\nnr_periods 40\nnr_throttled 3\nthrottled_usec 2500\n");
        write(pod + "memory.current", "10000\n");
        write(pod + "memory.max", "50000\n");
        write(pod + "memory.peak", "12000\n");
        write(pod + "memory.stat", "anon 4000\nfile 5000\nkernel 700\nfile_mapped 300\ninactive_file 2500\npgfault 99\npgmajfault 7\n");
        write(pod + "memory.events", "low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\n");
        write(pod + "memory.swap.current", "64\n");
        write(pod + "memory.swap.max", "max\n");
        write(pod + "pids.current", "12\n");
        write(pod + "pids.max", "max\n");
        write(pod + "cpu.pressure", "some avg10=1.50 avg60=0.25 avg300=0.00 total=777\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=42\n");

        CgroupUse use = reader().read("/kubepods/pod1").get();

        assertThat(use.cpu()).contains(new CpuUse(1_500_000_000, 1_000_000_000, 500_000_000, 40, 3, 2_500_000));
        assertThat(use.memory()).contains(new MemoryUse(10_000, 7_500, 4_000, 5_000, 300, 700, 99, 7, Option.some(50_000L), Option.some(12_000L),
                5, 1, Option.some(new MemoryUse.Swap(64, Option.none()))));
        assertThat(use.memory().get().availableBytes()).contains(42_500L);
        assertThat(use.tasks()).contains(12L);
        assertThat(use.tasksMax()).isEmpty();
        assertThat(use.cpuPressure()).contains(new Pressure(new Pressure.Share(1.5, 0.25, 0, 777), new Pressure.Share(0, 0, 0, 42)));
        assertThat(use.memoryPressure()).isEmpty();
    }

    @Test
    void readsVersion1() throws Exception {
        version1("kubepods/pod1/");
        CgroupUse use = reader().read("/kubepods/pod1").get();

        assertThat(use.cpu()).contains(new CpuUse(123_456_789, 70_000_000, 50_000_000, 9, 2, 333));
        assertThat(use.memory()).contains(new MemoryUse(10_000, 9_000, 4_000, 5_000, 300, 700, 99, 7, Option.some(50_000L), Option.some(20_000L),
                6, 2, Option.some(new MemoryUse.Swap(500, Option.some(10_000L)))));
        assertThat(use.tasks()).contains(3L);
        assertThat(use.tasksMax()).contains(100L);
        assertThat(use.cpuPressure()).isEmpty();
    }

    @Test
    void aHybridHostHasItsPressureBesideTheControllers() throws Exception {
        version1("kubepods/pod1/");
        write("unified/cgroup.controllers", "\n");
        write("unified/kubepods/pod1/memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");

        CgroupUse use = reader().read("/kubepods/pod1").get();

        assertThat(use.memory()).isNotEmpty();
        assertThat(use.memoryPressure().get().some().totalMicros()).isEqualTo(5);
        assertThat(use.memoryPressure().get().full().totalMicros()).isZero();
    }

    @Test
    void whatIsNotThereIsNotMadeUp() throws Exception {
        version1("kubepods/pod1/");
        assertThat(reader().read("/kubepods/pod2")).isEmpty();
        assertThat(reader().processes("/kubepods/pod2")).isEmpty();
        assertThat(reader().devices("/kubepods/pod2")).isEmpty();
        assertThat(reader().hugepages("/kubepods/pod2")).isEmpty();
    }

    @Test
    void aHostWithoutSomeControllersGivesTheOthers() throws Exception {
        write("cgroup.controllers", "cpu");
        write("a/cpu.stat", "usage_usec 7\n");
        CgroupUse use = reader().read("/a").get();
        assertThat(use.cpu().get().usageNanos()).isEqualTo(7_000);
        assertThat(use.memory()).isEmpty();
        assertThat(use.tasks()).isEmpty();
    }

    @Test
    void filesThatReadOtherwiseArePassedOver() throws Exception {
        write("cgroup.controllers", "cpu memory");
        write("a/cpu.stat", "\u0000\nusage_usec\nusage_usec x\nusage_usec 7\nuser_usec -1\n");
        write("a/memory.current", "not a number\n");
        write("a/cpu.pressure", "some\nfull avg10=9999.9 total=x\n");
        CgroupUse use = reader().read("/a").get();
        assertThat(use.cpu()).contains(new CpuUse(7_000, 0, 0, 0, 0, 0));
        assertThat(use.memory()).isEmpty();
        assertThat(use.cpuPressure().get().full().avg10()).isZero();
    }

    @Test
    void addsUpWhatADeviceCarried() throws Exception {
        version1("a/");
        write("blkio/a/blkio.throttle.io_service_bytes_recursive", "8:0 Read 10\n8:0 Write 20\n8:16 Read 1\nTotal 31\n");
        write("blkio/a/blkio.throttle.io_serviced_recursive", "8:0 Read 3\n8:0 Write 4\n");
        assertThat(reader().devices("/a")).isEqualTo(Vector.of(new DeviceUse(8, 0, 10, 20, 3, 4), new DeviceUse(8, 16, 1, 0, 0, 0)));
    }

    @Test
    void readsDevicesAndHugepagesOfVersion2() throws Exception {
        write("cgroup.controllers", "io hugetlb");
        write("a/io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\nnonsense\n");
        write("a/hugetlb.2MB.current", "4194304\n");
        write("a/hugetlb.2MB.rsvd.current", "9\n");
        assertThat(reader().devices("/a")).containsExactly(new DeviceUse(8, 0, 1, 2, 3, 4));
        assertThat(reader().hugepages("/a")).containsExactly(new HugepageUse("2MB", 4_194_304, 4_194_304));
    }

    @Test
    void findsProcessesInCgroupsBelow() throws Exception {
        write("cgroup.controllers", "memory");
        write("a/cgroup.procs", "12\n13\n");
        write("a/b/c/cgroup.procs", "14\n");
        assertThat(reader().processes("/a")).containsExactlyInAnyOrder(12L, 13L, 14L);
    }

    @Test
    void theRunningHostCountsWhatAProcessDoes() throws Exception {
        Path host = Path.of("/sys/fs/cgroup");
        Hierarchies hierarchies = Hierarchies.below(host);
        Path cgroup = Path.of("cairn-reader-test-" + ProcessHandle.current().pid());
        List<Path> directories = List.of("cpu", "cpuacct", "memory", "pids").flatMap(c -> hierarchies.directory(c, cgroup)).distinct();
        Process busy = new ProcessBuilder("sh", "-c", "read go; while :; do :; done").start();
        try {
            for (Path directory : directories) {
                Files.createDirectories(directory);
                Files.writeString(directory.resolve("cgroup.procs"), Long.toString(busy.pid()));
            }
            busy.getOutputStream().write('\n');
            busy.getOutputStream().flush();
            assertThatItIsCounted(new CgroupReader(hierarchies), "/" + cgroup, busy.pid());
        } finally {
            busy.destroyForcibly().waitFor();
            for (Path directory : directories) {
                Files.deleteIfExists(directory);
            }
        }
    }

    private static void assertThatItIsCounted(CgroupReader host, String cgroup, long pid) throws IOException {
        CgroupUse before = host.read(cgroup).get();
        CgroupUse after = before;
        while (after.cpu().get().usageNanos() < before.cpu().get().usageNanos() + 20_000_000) {
            after = host.read(cgroup).get();
        }
        assertThat(host.processes(cgroup)).containsExactly(pid);
        assertThat(after.memory().get().usageBytes()).isGreaterThanOrEqualTo(after.memory().get().workingSetBytes());
        assertThat(after.tasks().getOrElse(1L)).isEqualTo(1);
    }

    private void version1(String cgroup) throws IOException {
        write("cpu,cpuacct/" + cgroup + "cpuacct.usage", "123456789\n");
        write("cpu,cpuacct/" + cgroup + "cpuacct.stat", "user 7\nsystem 5\n");
        write("cpu,cpuacct/" + cgroup + "cpu.stat", "nr_periods 9\nnr_throttled 2\nthrottled_time 333\n");
        String memory = "memory/" + cgroup;
        write(memory + "memory.usage_in_bytes", "10000\n");
        write(memory + "memory.limit_in_bytes", "50000\n");
        write(memory + "memory.max_usage_in_bytes", "20000\n");
        write(memory + "memory.failcnt", "6\n");
        write(memory + "memory.kmem.usage_in_bytes", "700\n");
        write(memory + "memory.memsw.usage_in_bytes", "10500\n");
        write(memory + "memory.memsw.limit_in_bytes", "60000\n");
        write(memory + "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        write(memory + "memory.stat", "rss 1\ncache 1\ninactive_file 1\ntotal_rss 4000\ntotal_cache 5000\ntotal_mapped_file 300\n"
                + "total_inactive_file 1000\ntotal_pgfault 99\ntotal_pgmajfault 7\n");
        write("pids/" + cgroup + "pids.current", "3\n");
        write("pids/" + cgroup + "pids.max", "100\n");
    }

    private CgroupReader reader() throws IOException {
        return new CgroupReader(Hierarchies.below(top));
    }

    private void write(String file, String text) throws IOException {
        Path path = top.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
