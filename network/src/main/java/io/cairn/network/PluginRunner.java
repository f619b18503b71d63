package io.cairn.network;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.linux.Child;
import io.cairn.linux.Child.Output;
import io.cairn.linux.Child.Sink;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Program;
import io.cairn.network.NetworkException.Kind;
import io.cairn.network.NetworkException.PluginError;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import jnr.constants.platform.Errno;

/** Runs one plugin once (CNI spec, section 2): variables in the environment, configuration on stdin, JSON on stdout. */
final class PluginRunner {
    /** In the environment of each plugin and of what it starts: whose it is. Another daemon may have a pod of the same id. */
    private static final String OWNER_VARIABLE = "CAIRN_CNI_STATE_DIR";
    private static final Path ROOT = Path.of("/");
    private static final int STDERR_BYTES_MAX = 16 << 10;
    /** For output still in the pipe after the plugin ended. A daemon it left behind may hold the pipe open for good. */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(2);
    private static final int BUSY_TRIES_MAX = 40;
    private static final long BUSY_PAUSE_NANOS = 50_000_000;

    private final List<Path> pluginDirs;
    private final Map<String, String> environment;
    private final String mark;

    /** @param stateDir which no two daemons share */
    PluginRunner(List<Path> pluginDirs, Map<String, String> environment, Path stateDir) {
        this.pluginDirs = pluginDirs;
        this.environment = environment.put(OWNER_VARIABLE, stateDir.toString());
        this.mark = OWNER_VARIABLE + "=" + stateDir;
    }

    /** What processes are known by as plugins of this state directory, or their children: {@code NAME=value} in their environment. */
    String mark() {
        return mark;
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
        var stdout = new Kept(Json.BYTES_MAX);
        var stderr = new Kept(STDERR_BYTES_MAX);
        try (Child plugin = start(call, stdout, stderr)) {
            try {
                if (!plugin.awaitEnd(call.deadline())) {
                    String said = said(stderr);
                    kill(plugin, call);
                    throw new NetworkException(Kind.PLUGIN_TIMED_OUT, "%s did not end within %d ms and was killed%s"
                            .formatted(call.title(), call.deadline().toMillis(), said));
                }
                plugin.finish(DRAIN_MAX);
            } catch (InterruptedException e) {
                kill(plugin, call);
                Thread.currentThread().interrupt();
                throw new NetworkException(Kind.INTERRUPTED, call.title() + " was interrupted and killed", e);
            }
            return judge(call, plugin.exitCode(), stdout, stderr);
        }
    }

    private Child start(Call call, Kept stdout, Kept stderr) throws NetworkException {
        Map<String, String> variables = environment.merge(call.variables(), (ours, theirs) -> theirs)
                .put("CNI_COMMAND", call.command()).put("CNI_PATH", pluginDirs.mkString(":"));
        var program = new Program(java.util.List.of(call.binary().toString()), variables.toJavaMap(), ROOT);
        for (int tries = 1; ; tries++) {
            try {
                return Child.start(program, call.stdin(), Output.of(1, stdout), Output.of(2, stderr));
            } catch (LinuxException e) {
                // An installer has the file open for writing at this moment.
                if (!e.is(Errno.ETXTBSY) || tries == BUSY_TRIES_MAX) {
                    throw new NetworkException(Kind.SYSTEM,
                            "Cannot run %s for %s: %s".formatted(call.binary(), call.title(), Text.reason(e)), e);
                }
                LockSupport.parkNanos(BUSY_PAUSE_NANOS);
            }
        }
    }

    private void kill(Child plugin, Call call) {
        Option<ProcessHandle> process = Option.ofOptional(ProcessHandle.of(plugin.pid()));
        // As long as it has not ended the pid is its own, and so was the handle.
        process.filter(p -> !plugin.hasEnded()).forEach(ProcessTree::kill);
        call.variables().get("CNI_CONTAINERID").forEach(id -> ProcessTree.killByEnvironment(mark,
                environment -> environment.containsAll(Set.of("CNI_CONTAINERID=" + id, "CNI_COMMAND=" + call.command()))));
    }

    private static byte[] judge(Call call, int exitCode, Kept stdout, Kept stderr) throws NetworkException {
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

    private static NetworkException failure(Call call, int exitCode, byte[] output, Kept stderr) {
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

    private static String said(Kept stderr) {
        String text = Text.clean(utf8(stderr.bytes()), 1000);
        return text.isEmpty() ? "" : ", saying: " + text;
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Keeps no more than a bound; may be asked for what there is while more comes. */
    private static final class Kept implements Sink {
        private final int bytesMax;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean overflowed;

        Kept(int bytesMax) {
            this.bytesMax = bytesMax;
        }

        @Override
        public synchronized void accept(byte[] buffer, int from, int to) {
            int room = Math.min(to - from, bytesMax - kept.size());
            kept.write(buffer, from, room);
            overflowed |= room < to - from;
        }

        synchronized byte[] bytes() {
            return kept.toByteArray();
        }

        synchronized boolean overflowed() {
            return overflowed;
        }
    }
}
