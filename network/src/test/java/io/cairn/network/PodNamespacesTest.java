package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.Mounts;
import io.cairn.linux.Namespaces;
import io.cairn.linux.Namespaces.Kind;
import io.vavr.collection.HashMap;
import io.vavr.control.Option;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodNamespacesTest {
    private final PodNamespaces namespaces = new PodNamespaces();

    @TempDir
    Path parent;

    private Path dir;

    @BeforeEach
    void names() {
        dir = parent.resolve("pod");
    }

    @AfterEach
    void clean() throws Exception {
        for (var found : namespaces.list(parent)) {
            namespaces.unpin(found.dir());
        }
    }

    @Test
    void aPinnedPodHasItsHostNameLoopbackAndSysctls() throws Exception {
        var pinned = namespaces.pin(dir, request(Map.of("net.ipv4.ip_unprivileged_port_start", "80", "kernel/shm_rmid_forced", "1",
                "fs.mqueue.msg_max", "11", "kernel.sem", "251\t32000 32 129")));
        String seen = Namespaces.inside(Map.of(Kind.NET, pinned.net().get(), Kind.IPC, pinned.ipc().get(), Kind.UTS, pinned.uts().get()), () -> {
            ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)).close();
            ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0)).close();
            return String.join(" ", proc("kernel/hostname"), proc("net/ipv4/ip_unprivileged_port_start"), proc("kernel/shm_rmid_forced"),
                    proc("fs/mqueue/msg_max"), proc("kernel/sem"));
        });
        assertThat(seen.replace('\t', ' ')).isEqualTo("web-0 80 1 11 251 32000 32 129");
        assertThat(proc("kernel/hostname")).isNotEqualTo("web-0");
        assertThat(proc("fs/mqueue/msg_max")).isNotEqualTo("11");
    }

    @Test
    void pinningAgainChangesNothingAndUnpinningTwiceIsFine() throws Exception {
        var first = namespaces.pin(dir, request(Map.of()));
        Object identity = Files.getAttribute(first.net().get(), "unix:ino");
        assertThat(namespaces.pin(dir, request(Map.of()))).isEqualTo(first);
        assertThat(Files.getAttribute(first.net().get(), "unix:ino")).isEqualTo(identity);
        assertThat(namespaces.list(parent)).containsExactly(new PodNamespaces.Inventory(dir, first));
        namespaces.unpin(dir);
        namespaces.unpin(dir);
        assertThat(dir).doesNotExist();
        assertThat(namespaces.list(parent)).isEmpty();
        assertThat(mountsBelow(parent)).isZero();
    }

    private NamespaceRequest request(Map<String, String> sysctls) {
        return new NamespaceRequest(true, true, true, Option.some("web-0"), HashMap.ofAll(sysctls));
    }

    private static String proc(String sysctl) throws Exception {
        // Not Files.readString: it begins with a single byte, and /proc/sys answers only the first read.
        try (var in = Files.newInputStream(Path.of("/proc/sys", sysctl))) {
            return new String(in.readNBytes(4096), StandardCharsets.US_ASCII).strip();
        }
    }

    private static long mountsBelow(Path path) throws Exception {
        return Mounts.table().stream().filter(m -> m.target().startsWith(path)).count();
    }
}
