package io.cairn.crash.points;

import io.cairn.crash.points.Points.Point;
import io.cairn.testkit.Await;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.JavaProgram;
import io.cairn.testkit.TestNode;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A {@link PointedDaemon} and its client. Used by one thread. */
final class KilledDaemon implements AutoCloseable, Client {
    static final String ARMED = "armed";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int KILLED = 137;
    private static final long DEATH_MILLIS_MAX = 2_000;

    private final Process process;
    private final BufferedReader output;
    private final CriClient client;
    private final Path log;

    /**
     * @param classes where its {@link PointedClasses} are kept
     * @param startPoint where to die before it answers at all
     */
    KilledDaemon(TestNode node, Path classes, Optional<Point> startPoint) throws IOException {
        var command = new ArrayList<>(JavaProgram.java());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(programsOwn(Path.of(System.getProperty("cairn.dist")).toRealPath()));
        command.addAll(List.of(PointedDaemon.class.getName(), node.config().toString(), classes.toString()));
        startPoint.ifPresent(point -> command.addAll(List.of(point.site(), Integer.toString(point.occurrence()))));
        process = new ProcessBuilder(command).redirectError(Redirect.appendTo(node.daemonLog().toFile())).start();
        log = node.daemonLog();
        output = process.inputReader();
        client = CriClient.connect(node.socket());
    }

    /**
     * The libraries as the program has them, with its cache of what Java has learnt of them, which holds for the class path that begins as the
     * program's does. Where there is none, or it is of another build, Java goes on without.
     */
    private static List<String> programsOwn(Path dist) throws IOException {
        try (Stream<Path> jars = Files.list(dist.resolve("lib"))) {
            String classPath = jars.map(Path::toString).filter(jar -> jar.endsWith(".jar")).sorted().collect(Collectors.joining(":"));
            return List.of("-XX:AOTCache=" + dist.resolve("lib/cairn.aot"), "-XX:+UseCompactObjectHeaders", "-Xlog:aot*=off", "-Xlog:cds*=off",
                    "-Djava.library.path=" + dist.resolve("native"), "-Djffi.boot.library.path=" + dist.resolve("native"),
                    "-cp", classPath + ":" + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        }
    }

    /** @return false if it was killed before it answered */
    boolean awaitAnswer() throws Exception {
        try {
            Await.until("the daemon answers or is dead", PATIENCE, () -> !process.isAlive() || client.answers());
            return process.isAlive();
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; its log is:\n" + Files.readString(log), e);
        }
    }

    /** From now on it dies at this point. */
    void arm(Point point) throws IOException {
        var in = process.outputWriter();
        in.write(point.site() + "\n" + point.occurrence() + "\n");
        in.flush();
        String line = output.readLine();
        while (line != null && !line.equals(ARMED)) {
            line = output.readLine();
        }
    }

    /** @return whether SIGKILL has ended it; what is not part of a call may come a little later */
    boolean awaitDeath() throws InterruptedException {
        return process.waitFor(DEATH_MILLIS_MAX, TimeUnit.MILLISECONDS) && process.exitValue() == KILLED;
    }

    @Override
    public <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
        return ClientCalls.blockingUnaryCall(client.runtime().getChannel(), method, CallOptions.DEFAULT, request);
    }

    @Override
    public boolean isGone() {
        return !process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
        process.destroyForcibly().waitFor();
    }
}
