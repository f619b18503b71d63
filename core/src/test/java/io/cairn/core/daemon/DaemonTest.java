package io.cairn.core.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.metrics.Metrics;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Points;
import io.cairn.core.sim.SimulatedDriver;
import io.cairn.core.sim.SimulatedDriverProvider;
import io.cairn.core.sim.SimulatedNetwork;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.World;
import io.cairn.network.Cni;
import io.cairn.network.CniOptions;
import io.cairn.streaming.StreamingOptions;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {
    @TempDir(factory = InMemory.class) Path temp;

    private final TestClock clock = new TestClock();
    private final World world = new World(clock);

    @BeforeEach
    void offer() {
        SimulatedDriverProvider.offer(temp.toString(), world);
    }

    @AfterEach
    void withdraw() {
        SimulatedDriverProvider.withdraw(temp.toString());
    }

    @Test
    void aSecondDaemonIsRefusedWithThePidOfTheFirst() throws Exception {
        try (Daemon first = start(SimulatedDriver.NAME, HashMap.empty())) {
            assertThatThrownBy(() -> start(SimulatedDriver.NAME, HashMap.empty())).isInstanceOf(StartException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            assertThat(socket()).exists();
        }
        start(SimulatedDriver.NAME, HashMap.empty()).close();
    }

    @Test
    void anUnknownDriverIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> start("gvisor", HashMap.empty())).isInstanceOf(StartException.class).hasMessageContaining("gvisor")
                .hasMessageContaining(SimulatedDriver.NAME);
        assertThatThrownBy(() -> start(SimulatedDriver.NAME, HashMap.of("h", HashMap.of("driver", "kata")))).isInstanceOf(StartException.class)
                .hasMessageContaining("kata");
    }

    @Test
    void aStartThatFailedLeavesTheWayFreeForTheNext() throws Exception {
        assertThatThrownBy(() -> start("gvisor", HashMap.empty())).isInstanceOf(StartException.class);
        start(SimulatedDriver.NAME, HashMap.empty()).close();
    }

    @Test
    void aSocketLeftByOneThatWasKilledIsReplaced() throws Exception {
        Files.createDirectories(socket().getParent());
        Files.createFile(socket());
        start(SimulatedDriver.NAME, HashMap.empty()).close();
        assertThat(socket()).doesNotExist();
    }

    @Test
    void theNetworkIsLeftAloneWhileAnotherDaemonHasTheState() throws Exception {
        var opened = new AtomicInteger();
        try (Daemon first = start(SimulatedDriver.NAME, HashMap.empty())) {
            assertThatThrownBy(() -> start(SimulatedDriver.NAME, HashMap.empty(), () -> {
                opened.incrementAndGet();
                return new SimulatedNetwork(world, Points.counting());
            })).isInstanceOf(StartException.class);
        }
        assertThat(opened).hasValue(0);
    }

    @Test
    void aNetworkThatCannotBeOpenedIsToldAndLeavesTheWayFree() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> start(SimulatedDriver.NAME, HashMap.empty(),
                () -> Cni.open(CniOptions.defaults(temp, List.empty(), file), InstantSource.system())))
                .isInstanceOf(StartException.class).hasMessageStartingWith("Cannot open the network state in " + file);
        start(SimulatedDriver.NAME, HashMap.empty()).close();
    }

    private Daemon start(String driver, Map<String, Map<String, String>> handlers) throws StartException {
        return start(driver, handlers, () -> new SimulatedNetwork(world, Points.counting()));
    }

    private Daemon start(String driver, Map<String, Map<String, String>> handlers, NetworkOpening network) throws StartException {
        return Daemon.start(new DaemonOptions(temp.resolve("state"), temp.resolve("run"), socket(), 16 << 20, Life.JOURNAL, Life.JOURNAL,
                        new RetentionOptions(Duration.ofDays(30), 1 << 30), StreamingOptions.defaults(new InetSocketAddress("127.0.0.1", 0)), driver,
                        HashMap.of("simulated.world", temp.toString()), handlers,
                        new ImageOptions(Vector.empty(), Duration.ZERO), Path.of("/proc/sys/kernel/random/boot_id"), "test"),
                network, clock, (reason, cause) -> {
                    throw new AssertionError(reason, cause);
                }, Metrics.NONE);
    }

    private Path socket() {
        return temp.resolve("socket").resolve("cairn.sock");
    }
}
