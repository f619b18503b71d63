package io.cairn.network;

import io.cairn.linux.Namespaces;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What an interface of a pod has carried since it was made, as proc_pid_net(5) tells in its file {@code dev}. */
public record InterfaceCounters(String name, Direction received, Direction sent) {
    private static final Path TABLE = Path.of("/proc/thread-self/net/dev");
    private static final String LOOPBACK = "lo";
    private static final int HEADER_LINES = 2;
    private static final int COLUMNS = 16;

    public record Direction(long bytes, long packets, long errors, long dropped) {}

    /** @param namespace a pinned network namespace. The loopback interface is left out */
    public static Vector<InterfaceCounters> in(Path namespace) throws NetworkException {
        try {
            return parse(Namespaces.inside(Map.of(Namespaces.Kind.NET, namespace), () -> Files.readString(TABLE, StandardCharsets.US_ASCII)));
        } catch (Exception e) {
            throw new NetworkException(NetworkException.Kind.SYSTEM, "Cannot read the counters of the network in %s: %s".formatted(namespace, e), e);
        }
    }

    /** The interface that is shown as the pod's own. */
    public static Option<InterfaceCounters> main(Vector<InterfaceCounters> all) {
        return all.find(i -> i.name().equals(Chain.INTERFACE)).orElse(all::headOption);
    }

    static Vector<InterfaceCounters> parse(String table) {
        return Vector.ofAll(table.lines()).drop(HEADER_LINES).flatMap(InterfaceCounters::line).filter(i -> !i.name().equals(LOOPBACK));
    }

    /** {@code eth0: bytes packets errs drop fifo frame compressed multicast bytes packets errs drop …}. */
    private static Option<InterfaceCounters> line(String line) {
        int colon = line.indexOf(':');
        String[] columns = line.substring(colon + 1).strip().split("\\s+");
        if (colon < 0 || columns.length < COLUMNS || !Vector.of(columns).forAll(c -> c.matches("[0-9]{1,20}"))) {
            return Option.none();
        }
        return Option.some(new InterfaceCounters(line.substring(0, colon).strip(), direction(columns, 0), direction(columns, COLUMNS / 2)));
    }

    private static Direction direction(String[] columns, int from) {
        return new Direction(Long.parseUnsignedLong(columns[from]), Long.parseUnsignedLong(columns[from + 1]),
                Long.parseUnsignedLong(columns[from + 2]), Long.parseUnsignedLong(columns[from + 3]));
    }
}
