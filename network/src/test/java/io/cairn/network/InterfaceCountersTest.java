package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vavr.collection.Vector;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InterfaceCountersTest {
    private static final String TABLE = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:     500       5    0    0    0     0          0         0      500       5    0    0    0     0       0          0
              net1:      10       1    0    0    0     0          0         0       20       2    0    0    0     0       0          0
              eth0: 18446744073709551615 7 1 2 0 0 0 0 900 9 3 4 0 0 0 0
              half:      10       1
               odd:       x       1    0    0    0     0          0         0       20       2    0    0    0     0       0          0
            """;

    @Test
    void readsWhatTheKernelCountsButForTheLoopback() {
        Vector<InterfaceCounters> all = InterfaceCounters.parse(TABLE);
        assertThat(all).containsExactly(
                new InterfaceCounters("net1", new InterfaceCounters.Direction(10, 1, 0, 0), new InterfaceCounters.Direction(20, 2, 0, 0)),
                new InterfaceCounters("eth0", new InterfaceCounters.Direction(-1, 7, 1, 2), new InterfaceCounters.Direction(900, 9, 3, 4)));
        assertThat(InterfaceCounters.main(all).map(InterfaceCounters::name)).contains("eth0");
        assertThat(InterfaceCounters.main(all.take(1)).map(InterfaceCounters::name)).contains("net1");
    }

    @Test
    void aNamespaceThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> InterfaceCounters.in(Path.of("/absent/net"))).isInstanceOf(NetworkException.class)
                .hasMessageContaining("/absent/net");
    }
}
