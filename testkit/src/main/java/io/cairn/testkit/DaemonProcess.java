package io.cairn.testkit;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The cairn program serving a node, to be killed and started again. Used by one thread. */
public final class DaemonProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LOG_TAIL_LINES = 60;

    private final TestNode node;
    private final Path program;
    private Process process;
    private CriClient client;

    private DaemonProcess(TestNode node, Path program) {
        this.node = node;
        this.program = program;
    }

    /** The program that was built: the system property {@code cairn.dist}, a directory with bin/cairn in it. */
    public static Path builtProgram() throws IOException {
        String dist = System.getProperty("cairn.dist", "");
        Path program = Path.of(dist, "bin", "cairn").toAbsolutePath();
        if (dist.isEmpty() || !Files.isExecutable(program)) {
            throw new IOException("Expected cairn.dist to name the built program's directory, but it is \"%s\"; make build makes dist/cairn".formatted(dist));
        }
        return program;
    }

    /** Returns when the socket answers. */
    public static DaemonProcess start(TestNode node) throws Exception {
        var daemon = new DaemonProcess(node, builtProgram());
        daemon.start();
        return daemon;
    }

    /** Starts it again after {@link #kill9} or {@link #sigterm}; returns when the socket answers. */
    public void start() throws Exception {
        // In a session of its own, a Ctrl-C at the terminal does not reach it.
        process = new ProcessBuilder("setsid", program.toString(), "--config", node.config().toString(), "serve")
                .redirectErrorStream(true).redirectOutput(Redirect.appendTo(node.daemonLog().toFile())).start();
        CriClient before = client;
        client = CriClient.connect(node.socket());
        if (before != null) {
            before.close();
        }
        try {
            Await.until("the daemon answers on " + node.socket(), PATIENCE, this::answers);
        } catch (InterruptedException e) {
            close();
            throw e;
        } catch (Exception | Error e) {
            String log = logTail();
            close();
            throw new IOException(e.getMessage() + "; its log ends with:\n" + log, e);
        }
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("the daemon has ended with exit code " + process.exitValue());
        }
        return client.answers();
    }

    public CriClient client() {
        return client;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when the process is gone. Its client's calls fail as a kubelet's do: somebody may be about to make one. */
    public void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; returns the exit code. */
    public int sigterm() throws IOException, InterruptedException {
        client.close();
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("the daemon has not ended within %s of SIGTERM; its log ends with:\n%s".formatted(PATIENCE, logTail()));
        }
        return process.exitValue();
    }

    /** A command of the program, such as {@code log}, on this node. */
    public Tool.Output command(String... words) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(List.of(program.toString(), "--config", node.config().toString()));
        command.addAll(List.of(words));
        return Tool.run(command.toArray(String[]::new));
    }

    /** The end of what it has logged. */
    public String logTail() throws IOException {
        List<String> lines = Files.exists(node.daemonLog()) ? Files.readAllLines(node.daemonLog(), StandardCharsets.UTF_8) : List.of();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
    }

    /** Ends it, gently if it listens. Containers run on. */
    @Override
    public void close() throws InterruptedException {
        client.close();
        process.destroy();
        if (!process.waitFor(15, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
