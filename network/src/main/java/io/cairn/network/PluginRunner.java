package io.cairn.network;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.network.NetworkException.Kind;
import io.cairn.network.NetworkException.PluginError;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Runs one plugin once (CNI spec, section 2): variables in the environment, configuration on stdin, JSON on stdout. */
final class PluginRunner {
    private static final int STDERR_BYTES_MAX = 16 << 10;
    /** For output still in the pipe after the plugin ended. A daemon it left behind may hold the pipe open for good. */
    private static final long DRAIN_NANOS_MAX = 2_000_000_000;
    private static final int BUSY_TRIES_MAX = 40;
    private static final long BUSY_PAUSE_NANOS = 50_000_000;

    private final List<Path> pluginDirs;
    private final Map<String, String> environment;

    PluginRunner(List<Path> pluginDirs, Map<String, String> environment) {
        this.pluginDirs = pluginDirs;
        this.environment = environment;
    }

    /**
     * One run of a plugin.
     *
     * @param variables CNI_* as the command needs them, without CNI_COMMAND and CNI_PATH
     */
    record Call(
            String network, String plugin, Path binary, String command, Map<String, String> variables, byte[] stdin, Duration deadline) {
        String title() {
            return "%s of plugin %s (network %s)".formatted(command, plugin, network);
        }
    }

    Option<Path> find(String plugin) {
        return pluginDirs.map(dir -> dir.resolve(plugin)).find(file -> Files.isRegularFile(file) && Files.isExecutable(file));
    }

    Path require(String network, String plugin) throws NetworkException {
        return find(plugin).getOrElseThrow(() -> new NetworkException(Kind.PLUGIN_MISSING,
                "Network %s needs the plugin %s, but it is in none of the directories %s: install it in one of them"
                        .formatted(network, plugin, pluginDirs.mkString(", "))));
    }

    /** @return what the plugin wrote to stdout before it ended with success, at most {@link Json#BYTES_MAX} */
    byte[] run(Call call) throws NetworkException {
        Process process = start(call);
        var stdout = new Pipe(process.getInputStream(), Json.BYTES_MAX);
        var stderr = new Pipe(process.getErrorStream(), STDERR_BYTES_MAX);
        // Platform threads: a blocking read of a pipe would hold a carrier of the virtual threads for as long as a plugin hangs.
        var threads = List.of(
                Thread.ofPlatform().daemon().name("cairn-cni-in").start(() -> feed(process, call.stdin())),
                Thread.ofPlatform().daemon().name("cairn-cni-out").start(stdout::drain),
                Thread.ofPlatform().daemon().name("cairn-cni-err").start(stderr::drain));
        try {
            if (!process.waitFor(call.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
                String said = said(stderr);
                kill(process, call);
                throw new NetworkException(Kind.PLUGIN_TIMED_OUT, "%s did not end within %d ms and was killed%s"
                        .formatted(call.title(), call.deadline().toMillis(), said));
            }
            long drainedBy = System.nanoTime() + DRAIN_NANOS_MAX;
            for (Thread thread : threads) {
                thread.join(Duration.ofNanos(Math.max(0, drainedBy - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            kill(process, call);
            Thread.currentThread().interrupt();
            throw new NetworkException(Kind.INTERRUPTED, call.title() + " was interrupted and killed", e);
        }
        return judge(call, process.exitValue(), stdout, stderr);
    }

    private Process start(Call call) throws NetworkException {
        var builder = new ProcessBuilder(call.binary().toString()).directory(new File("/"));
        builder.environment().clear();
        builder.environment().putAll(environment.toJavaMap());
        builder.environment().putAll(call.variables().toJavaMap());
        builder.environment().put("CNI_COMMAND", call.command());
        builder.environment().put("CNI_PATH", pluginDirs.mkString(":"));
        for (int tries = 1; ; tries++) {
            try {
                return builder.start();
            } catch (IOException e) {
                // ETXTBSY: an installer has the file open for writing at this moment.
                boolean busy = String.valueOf(e.getMessage()).contains("Text file busy");
                if (!busy || tries == BUSY_TRIES_MAX) {
                    throw new NetworkException(Kind.SYSTEM,
                            "Cannot run %s for %s: %s".formatted(call.binary(), call.title(), Text.reason(e)), e);
                }
                LockSupport.parkNanos(BUSY_PAUSE_NANOS);
            }
        }
    }

    private static void kill(Process process, Call call) {
        ProcessTree.kill(process.toHandle());
        call.variables().get("CNI_CONTAINERID").forEach(id -> ProcessTree.killByEnvironment(
                environment -> environment.containsAll(Set.of("CNI_CONTAINERID=" + id, "CNI_COMMAND=" + call.command()))));
    }

    private static void feed(Process process, byte[] stdin) {
        try (OutputStream out = process.getOutputStream()) {
            out.write(stdin);
        } catch (IOException pluginDidNotReadItAll) {
            // It is free not to; its exit code tells how it went.
        }
    }

    private static byte[] judge(Call call, int exitCode, Pipe stdout, Pipe stderr) throws NetworkException {
        byte[] output = stdout.bytes();
        if (exitCode != 0) {
            throw failure(call, exitCode, output, stderr);
        }
        if (stdout.overflowed()) {
            throw new NetworkException(Kind.BAD_RESULT, "Expected %s to answer at most %d bytes, but it wrote more"
                    .formatted(call.title(), Json.BYTES_MAX));
        }
        return output;
    }

    private static NetworkException failure(Call call, int exitCode, byte[] output, Pipe stderr) {
        var error = Json.parseObject(output).toOption().filter(o -> o.has("code") || o.has("msg"));
        var plugin = new PluginError(call.network(), call.plugin(), call.command(),
                error.map(o -> o.path("code")).filter(JsonNode::isInt).map(c -> c.intValue()),
                error.flatMap(o -> Json.word(o, "msg")).map(m -> Text.clean(m, 1000)).getOrElse(""),
                error.flatMap(o -> Json.word(o, "details")).map(d -> Text.clean(d, 1000)).getOrElse(""));
        String why = error.isDefined()
                ? "%s%s%s".formatted(plugin.message(), plugin.details().isEmpty() ? "" : "; " + plugin.details(),
                        plugin.code().map(c -> " (code " + c + ")").getOrElse(""))
                : "exit code %d%s".formatted(exitCode, output.length == 0 ? said(stderr) : ": " + Text.clean(utf8(output), 1000));
        return new NetworkException(Kind.PLUGIN_FAILED, "%s failed: %s".formatted(call.title(), why), Option.some(plugin), null);
    }

    private static String said(Pipe stderr) {
        String text = Text.clean(utf8(stderr.bytes()), 1000);
        return text.isEmpty() ? "" : ", saying: " + text;
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Reads to the end but keeps no more than a bound; may be asked for what there is while it still reads. */
    private static final class Pipe {
        private final InputStream in;
        private final int bytesMax;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean overflowed;

        Pipe(InputStream in, int bytesMax) {
            this.in = in;
            this.bytesMax = bytesMax;
        }

        void drain() {
            byte[] buffer = new byte[8192];
            try (in) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    keep(buffer, n);
                }
            } catch (IOException processKilled) {
                // What was read until then is what there is.
            }
        }

        private synchronized void keep(byte[] buffer, int length) {
            int room = Math.min(length, bytesMax - kept.size());
            kept.write(buffer, 0, room);
            overflowed |= room < length;
        }

        synchronized byte[] bytes() {
            return kept.toByteArray();
        }

        synchronized boolean overflowed() {
            return overflowed;
        }
    }
}
