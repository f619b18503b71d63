package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Driver;
import io.cairn.driver.host.Await;
import io.cairn.driver.host.DriverFixture;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A daemon killed at a random moment, by the kernel: what the next one finds is true, goes on, and can be taken away. */
class RuncKilledTest extends DriverFixture {
    private static final int ROUNDS = 5;
    private static final int LIFE_MILLIS_MAX = 1_200;

    @Override
    protected Driver open(Path directory) throws Exception {
        return new RuncDriverProvider().open(RuncDriverTest.context(directory));
    }

    @Test
    void whateverTheDeadDaemonWasDoingNoProgramRunsTwiceAndNothingStays() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Path notes = shared();
            driver.close();
            live(notes, random.nextInt(LIFE_MILLIS_MAX));
            start();
            for (String id : driver.inventory().containers()) {
                judge(id, notes, "seed %d, round %d, container %s".formatted(seed, round, id));
            }
            for (String id : driver.inventory().containers()) {
                driver.removeContainer(id);
                assertThat(driver.probeContainer(id)).as("seed %d", seed).isEqualTo(new ContainerProbe.Absent());
            }
            for (String id : driver.inventory().sandboxes()) {
                driver.releaseSandbox(id);
                driver.removeSandbox(id);
            }
            assertThat(host.mounts()).as("seed %d, round %d", seed, round).isEmpty();
            Await.until("the end of " + host.processes() + ", seed " + seed, () -> host.processes().isEmpty());
            assertThat(host.cgroups()).as("seed %d, round %d", seed, round).isEmpty();
        }
    }

    private void live(Path notes, int millis) throws Exception {
        var command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(), "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), KilledDaemon.class.getName(),
                dir.toString(), imageId, host.cgroup(), notes.toString()));
        Process daemon = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var output = new BufferedReader(new InputStreamReader(daemon.getInputStream()))) {
            String line = output.readLine();
            while (line != null && !line.equals("ready")) {
                line = output.readLine();
            }
            assertThat(line).as("the daemon came up").isEqualTo("ready");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
            assertThat(daemon.isAlive()).as("it lives until it is killed: %s", daemon.isAlive() ? "" : output.readLine()).isTrue();
        } finally {
            daemon.destroyForcibly().waitFor();
        }
    }

    private void judge(String id, Path notes, String which) throws Exception {
        ContainerProbe probe = driver.probeContainer(id);
        if (probe instanceof ContainerProbe.Created) {
            assertThat(runs(notes, id)).as(which).isZero();
            run(id);
        }
        if (probe instanceof ContainerProbe.Created || probe instanceof ContainerProbe.Running) {
            Await.until("a run, " + which, () -> runs(notes, id) > 0);
        }
        assertThat(runs(notes, id)).as(which).isLessThanOrEqualTo(1);
    }

    private static long runs(Path notes, String id) throws Exception {
        Path note = notes.resolve(id);
        return Files.exists(note) ? Files.readAllLines(note).size() : 0;
    }
}
