package io.cairn.driver.containerd;

import com.google.protobuf.Empty;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.introspection.IntrospectionGrpc;
import io.cairn.driver.containerd.proto.introspection.Plugin;
import io.cairn.driver.containerd.proto.introspection.PluginsRequest;
import io.cairn.driver.containerd.proto.version.VersionGrpc;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/** What a containerd is made of, by its own word. */
record Plugins(Connection containerd) {
    private static final Duration GREETING_MAX = Duration.ofSeconds(2);
    private static final String SNAPSHOTTER = "io.containerd.snapshotter.v1";

    /** Quick: also the answer that there is none. */
    String version() throws DriverException {
        return containerd.call("ask for the version",
                () -> VersionGrpc.newBlockingStub(containerd.channel()).withDeadlineAfter(GREETING_MAX).version(Empty.getDefaultInstance())).getVersion();
    }

    /** Pid of the daemon in its own PID namespace. */
    long pid() throws DriverException {
        return containerd.call("ask for the server", () -> service().server(Empty.getDefaultInstance())).getPid();
    }

    private IntrospectionGrpc.IntrospectionBlockingStub service() {
        return IntrospectionGrpc.newBlockingStub(containerd.channel());
    }

    private Vector<Plugin> snapshotterPlugins() throws DriverException {
        return Vector.ofAll(containerd.call("list plugins", () -> service().plugins(PluginsRequest.getDefaultInstance())).getPluginsList())
                .filter(plugin -> plugin.getType().equals(SNAPSHOTTER));
    }

    /** Those that work. */
    Vector<String> snapshotters() throws DriverException {
        return snapshotterPlugins().filter(plugin -> !plugin.hasInitErr()).map(Plugin::getId);
    }

    /** Where a snapshotter keeps its files; none where it does not tell, as those that are other programs. */
    Option<Path> root(String snapshotter) throws DriverException {
        return snapshotterPlugins().find(plugin -> plugin.getId().equals(snapshotter))
                .flatMap(plugin -> Option.of(plugin.getExportsMap().get("root"))).map(Path::of);
    }
}
