package io.cairn.crash.points;

import io.cairn.crash.points.Points.Point;
import io.cairn.linux.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** The cairn program itself with points in it: it kills itself, by SIGKILL, at the one it is given. */
public final class PointedDaemon {
    /** Only asks whether one could be sent, kill(2). */
    private static final int NO_SIGNAL = 0;

    private PointedDaemon() {}

    /**
     * Arguments: the configuration file; where {@link PointedClasses} are kept; then, to die while it starts, a point's site and occurrence. Later
     * ones come on stdin.
     */
    public static void main(String[] arguments) throws Exception {
        long pid = ProcessHandle.current().pid();
        long startTicks = Processes.stat(pid).orElseThrow().startTicks();
        // What that takes of classes and libraries is not to be loaded by the dying.
        signal(pid, startTicks, NO_SIGNAL);
        var points = new Points(point -> signal(pid, startTicks, Processes.SIGKILL));
        points.arm(arguments.length > 2 ? Optional.of(point(arguments[2], arguments[3])) : Optional.empty());
        Thread.ofPlatform().daemon().start(() -> listen(points));
        points.enter();
        var classes = new PointedClasses(Path.of(arguments[1]));
        Thread.currentThread().setContextClassLoader(classes);
        classes.loadClass("io.cairn.app.Cairn").getMethod("main", String[].class)
                .invoke(null, (Object) new String[] {"--config", arguments[0], "serve"});
    }

    private static void signal(long pid, long startTicks, int signal) {
        try {
            if (!Processes.signal(pid, startTicks, signal)) {
                throw new IllegalStateException("Expected to reach process %d, which is this one".formatted(pid));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Point point(String site, String occurrence) {
        return new Point(site, Integer.parseInt(occurrence));
    }

    /** Two lines for a point; each is answered by a line. */
    private static void listen(Points points) {
        try (var in = new BufferedReader(new InputStreamReader(System.in))) {
            for (String site = in.readLine(); site != null; site = in.readLine()) {
                points.arm(Optional.of(point(site, in.readLine())));
                System.out.println(KilledDaemon.ARMED);
            }
        } catch (IOException e) {
            throw new IllegalStateException("Expected to be told where to die", e);
        }
    }
}
