package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.testkit.LoopDisk;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole life of a journal (open, append, sync, roll, delete the oldest, close) is stopped right before one of the system calls
 * that change the disk, and then the power is cut: as a kill leaves it and as the cut leaves it, the journal must be one chain
 * with every acknowledged record. Needs strace and root.
 */
class CrashPointTest {
    private static final List<String> CALLS =
            List.of("mkdir", "fallocate", "ftruncate", "fdatasync", "fsync", "msync", "pwrite64", "rename", "unlink", "rmdir");
    private static final int CALLS_MAX = 60;
    private static final int POINT_MAX = 12;
    private static final long DISK_BYTES = 64L << 20;

    @TempDir Path temp;

    @Test
    void anySystemCallMayBeTheLast() throws Exception {
        var random = Scratch.random("CrashPointTest");
        Child.Launcher launcher = Child.Launcher.make(temp).learn(ShortLife.class, temp.resolve("warm").toString());
        var acks = new Acks();
        var crashes = new TreeMap<String, Integer>();
        try (LoopDisk disk = LoopDisk.make(temp, LoopDisk.Type.EXT4, DISK_BYTES)) {
            for (String call : CALLS) {
                for (int point : points(random)) {
                    if (survives(launcher, disk, acks, call, point)) {
                        break;
                    }
                    crashes.merge(call, 1, Integer::sum);
                }
            }
        }
        Scratch.report("CrashPointTest", "stopped before these calls, each time with a kill and then a power cut: %s", crashes);
        assertThat(crashes.keySet()).containsAll(List.of("mkdir", "fallocate", "fdatasync", "fsync", "msync", "pwrite64"));
    }

    /** The first calls and one more at random; with -Dcairn.crashpoints.all=true one after the other until the program survives. */
    private static int[] points(Random random) {
        return Boolean.getBoolean("cairn.crashpoints.all")
                ? IntStream.rangeClosed(1, CALLS_MAX).toArray()
                : new int[] {1, 2 + random.nextInt(POINT_MAX)};
    }

    private static boolean survives(Child.Launcher launcher, LoopDisk disk, Acks acks, String call, int point) throws Exception {
        Path journal = disk.root().resolve("journal");
        List<String> strace = List.of("strace", "-f", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                "inject=" + call + ":signal=SIGKILL:when=" + point);
        boolean survived;
        try (Child child = launcher.start(strace, ShortLife.class, journal.toString())) {
            survived = child.awaitExit() == 0;
            acks.addAll(child.lines());
        }
        check(journal, acks);
        disk.cutPower();
        disk.boot();
        check(journal, acks);
        return survived;
    }

    private static void check(Path journal, Acks acks) throws Exception {
        if (Files.exists(journal)) {
            assertThat(Verifier.verify(journal).damage()).isEqualTo(Option.none());
            acks.assertKeptIn(journal);
        } else {
            assertThat(acks.count()).isZero();
        }
    }
}
