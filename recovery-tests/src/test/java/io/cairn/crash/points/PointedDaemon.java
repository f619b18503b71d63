package io.cairn.crash.points;

import io.cairn.crash.points.Points.Point;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Optional;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** The cairn program itself with points in it: it kills itself, by SIGKILL, at the one it is given. */
public final class PointedDaemon {
    private static final int SIGKILL = 9;

    private PointedDaemon() {}

    /** Arguments: the configuration file; then, to die while it starts, a point's site and occurrence. Later ones come on stdin. */
    public static void main(String[] arguments) throws Exception {
        POSIX posix = POSIXFactory.getNativePOSIX();
        var points = new Points(point -> posix.kill(posix.getpid(), SIGKILL));
        points.arm(arguments.length > 1 ? Optional.of(point(arguments[1], arguments[2])) : Optional.empty());
        Thread.ofPlatform().daemon().start(() -> listen(points));
        points.enter();
        var classes = new PointedClasses();
        Thread.currentThread().setContextClassLoader(classes);
        classes.loadClass("io.cairn.app.Cairn").getMethod("main", String[].class)
                .invoke(null, (Object) new String[] {"--config", arguments[0], "serve"});
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
        } catch (java.io.IOException e) {
            throw new IllegalStateException("Expected to be told where to die", e);
        }
    }
}
