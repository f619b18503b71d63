package io.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.Namespaces.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespacesTest {
    @Test
    void aTaskRunsInNewNamespacesAndTheRestOfTheProcessStaysAtHome() throws Exception {
        String home = identity(Kind.UTS);
        String inside = Namespaces.inNew(EnumSet.allOf(Kind.class), () -> {
            Namespaces.setHostname("pod-a");
            return identity(Kind.UTS) + " " + Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        });
        assertThat(inside).endsWith(" pod-a").doesNotStartWith(home);
        assertThat(identity(Kind.UTS)).isEqualTo(home);
        assertThat(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip()).isNotEqualTo("pod-a");
    }

    @Test
    void loopbackCarriesTrafficOnceItIsRaised() throws Exception {
        String echoed = Namespaces.inNew(EnumSet.of(Kind.NET), () -> {
            Namespaces.raiseLoopback();
            Namespaces.raiseLoopback();
            try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
                    var client = SocketChannel.open(server.getLocalAddress());
                    var accepted = server.accept()) {
                return accepted.getRemoteAddress().equals(client.getLocalAddress()) ? "same" : "other";
            }
        });
        assertThat(echoed).isEqualTo("same");
    }

    @Test
    void aPinnedNamespaceCanBeEnteredAgain(@TempDir Path dir) throws Exception {
        Path file = Files.createFile(dir.resolve("net"));
        String first = Namespaces.inNew(EnumSet.of(Kind.NET), () -> {
            Mounts.bind(Kind.NET.ofThisThread(), file);
            return identity(Kind.NET);
        });
        try {
            assertThat(Namespaces.isNamespaceFile(file)).isTrue();
            assertThat(Namespaces.inside(Map.of(Kind.NET, file), () -> identity(Kind.NET))).isEqualTo(first);
        } finally {
            Mounts.unmount(file);
        }
        assertThat(Namespaces.isNamespaceFile(file)).isFalse();
        assertThat(Namespaces.isNamespaceFile(dir.resolve("absent"))).isFalse();
    }

    @Test
    void noThreadOfTheProcessStaysBehindInAPod() throws Exception {
        for (int i = 0; i < 200; i++) {
            Namespaces.inNew(EnumSet.allOf(Kind.class), () -> identity(Kind.NET));
        }
        // join() returns a moment before the kernel has taken the thread down.
        long start = System.nanoTime();
        while (!threadsAwayFromHome().isEmpty() && System.nanoTime() - start < 10_000_000_000L) {
            Thread.onSpinWait();
        }
        assertThat(threadsAwayFromHome()).isEmpty();
    }

    @Test
    void whatTheTaskThrowsReachesTheCaller() {
        assertThatThrownBy(() -> Namespaces.inNew(EnumSet.of(Kind.UTS), () -> {
                    throw new IOException("from inside");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("from inside");
        assertThatThrownBy(() -> Namespaces.inside(Map.of(Kind.NET, Path.of("/proc/self/ns/uts")), () -> ""))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("setns(/proc/self/ns/uts, NET)")
                .hasMessageContaining("EINVAL");
    }

    @Test
    void aHostNameOutsideTheKernelsBoundsIsRefused() {
        assertThatThrownBy(() -> Namespaces.inNew(EnumSet.of(Kind.UTS), () -> {
                    Namespaces.setHostname("x".repeat(65));
                    return "";
                }))
                .hasMessageContaining("sethostname")
                .hasMessageContaining("EINVAL");
    }

    private static String identity(Kind kind) throws IOException {
        return Files.readSymbolicLink(kind.ofThisThread()).toString();
    }

    private static Set<String> threadsAwayFromHome() throws IOException {
        String home = identity(Kind.NET);
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> !read(() -> Files.readSymbolicLink(task.resolve("ns/net")).toString()).orElse(home).equals(home))
                    .map(task -> read(() -> Files.readString(task.resolve("comm")).strip()).orElse("ended"))
                    .collect(Collectors.toSet());
        }
    }

    /** Empty where the thread ended meanwhile. */
    private static Optional<String> read(Callable<String> file) {
        try {
            return Optional.of(file.call());
        } catch (Exception e) {
            return Optional.empty();
        }
    }
}
