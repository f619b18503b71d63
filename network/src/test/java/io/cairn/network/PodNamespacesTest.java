package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.Mounts;
import io.cairn.linux.Namespaces;
import io.cairn.linux.Namespaces.Kind;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
        var all = Map.of(Kind.NET, pinned.net().get(), Kind.IPC, pinned.ipc().get(), Kind.UTS, pinned.uts().get());
        String seen = Namespaces.inside(all, () -> {
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

    @Test
    void whatACrashLeftIsMadeAnew() throws Exception {
        var whole = namespaces.pin(dir, request(Map.of()));
        Object identity = Files.getAttribute(whole.net().get(), "unix:ino");
        // A namespace that is gone would leave its number to the next.
        FileChannel held = FileChannel.open(whole.net().get());
        Mounts.unmount(whole.uts().get());
        assertThat(namespaces.isPinned(whole.uts().get())).isFalse();
        assertThat(namespaces.list(parent).head().pinned().uts()).isEmpty();
        var again = namespaces.pin(dir, request(Map.of()));
        assertThat(again).isEqualTo(whole);
        assertThat(Files.getAttribute(again.net().get(), "unix:ino")).isNotEqualTo(identity);
        held.close();
        assertThat(mountsBelow(parent)).isEqualTo(3);
        Mounts.bind(again.net().get(), again.net().get());
        Files.delete(Files.createFile(dir.resolve("x")));
        namespaces.unpin(dir);
        assertThat(mountsBelow(parent)).as("stacked mounts go too").isZero();
    }

    @Test
    void aPodMaySharePartsWithTheNode() throws Exception {
        var hostNetwork = namespaces.pin(dir, new NamespaceRequest(false, true, false, Option.none(), HashMap.empty()));
        assertThat(hostNetwork.net()).isEmpty();
        assertThat(hostNetwork.uts()).isEmpty();
        assertThat(namespaces.isPinned(hostNetwork.ipc().get())).isTrue();
        var nothing = namespaces.pin(parent.resolve("none"), new NamespaceRequest(false, false, false, Option.none(), HashMap.empty()));
        assertThat(nothing.ipc()).isEmpty();
        assertThat(parent.resolve("none")).doesNotExist();
    }

    @Test
    void aRequestThatCannotBeIsRefusedAndAFailureLeavesNothing() throws Exception {
        refused(new NamespaceRequest(true, true, false, Option.some("web"), HashMap.empty()), "UTS namespace");
        refused(new NamespaceRequest(false, true, true, Option.none(), HashMap.of("net.core.somaxconn", "1")), "net namespace");
        refused(request(Map.of("kernel.panic", "1")), "not namespaced");
        assertThatThrownBy(() -> namespaces.pin(Path.of("relative"), request(Map.of()))).hasMessageContaining("absolute");
        assertThatThrownBy(() -> namespaces.pin(dir, request(Map.of("net.ipv4.no_such_thing", "1"))))
                .hasMessageContaining("cannot set sysctl net.ipv4.no_such_thing").hasMessageContaining("no such file");
        assertThatThrownBy(() -> namespaces.pin(dir, request(Map.of("net.ipv4.ip_forward", "x")))).hasMessageContaining("Invalid argument");
        assertThatThrownBy(() -> namespaces.pin(dir, new NamespaceRequest(true, true, true, Option.some("x".repeat(65)), HashMap.empty())))
                .hasMessageContaining("sethostname").hasMessageContaining("EINVAL");
        assertThat(dir).doesNotExist();
        assertThat(mountsBelow(parent)).isZero();
    }

    private void refused(NamespaceRequest request, String reason) {
        assertThatThrownBy(() -> namespaces.pin(dir, request)).hasMessageContaining(reason)
                .extracting("kind").isEqualTo(NetworkException.Kind.INVALID_REQUEST);
    }

    @Test
    void copiesOfThePinsInOtherMountNamespacesDoNotKeepAPodAlive() throws Exception {
        var pinned = namespaces.pin(dir, request(Map.of()));
        Process holder = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "cat").start();
        try {
            Path mounts = Path.of("/proc/" + holder.pid() + "/mountinfo");
            // cat echoes: by then unshare has copied the mounts and made them private.
            holder.getOutputStream().write('\n');
            holder.getOutputStream().flush();
            assertThat(holder.getInputStream().read()).isEqualTo('\n');
            assertThat(Files.readString(mounts)).contains(pinned.net().get().toString());
            namespaces.unpin(dir);
            assertThat(Files.readString(mounts)).doesNotContain(dir.toString());
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void aPodWithItsOwnUsersOwnsItsNamespaces() throws Exception {
        var ids = List.of(new IdMapping(0, 1_000_000, 65_536));
        var users = Option.some(new UserMapping(ids, ids));
        var request = new NamespaceRequest(true, true, true, users, Option.some("web-0"), HashMap.of("net.core.somaxconn", "77"));
        var pinned = namespaces.pin(dir, request);
        assertThat(namespaces.isPinned(pinned.user().get())).isTrue();
        String seen = Shell.run("nsenter", "--user=" + pinned.user().get(), "--net=" + pinned.net().get(), "--uts=" + pinned.uts().get(),
                "--setuid=0", "--setgid=0", "sh", "-c", "cat /proc/self/uid_map /proc/sys/kernel/hostname /proc/sys/net/core/somaxconn;"
                        + "ip link set lo down && ip link set lo up && echo may");
        assertThat(seen.strip().split("\\s+")).containsExactly("0", "1000000", "65536", "web-0", "77", "may");
        assertThat(namespaces.pin(dir, request)).isEqualTo(pinned);
        namespaces.unpin(dir);
        assertThat(mountsBelow(parent)).isZero();
        for (var groups : List.of(List.<IdMapping>empty(), List.of(new IdMapping(0, 0xffff_ffffL, 1)), List.of(new IdMapping(0, 1, 0)))) {
            var bad = Option.some(new UserMapping(ids, groups));
            refused(new NamespaceRequest(true, true, true, bad, Option.none(), HashMap.empty()), "id mappings");
        }
    }

    @Test
    void foreignFilesInAPodsDirectoryAreNotRemoved() throws Exception {
        namespaces.pin(dir, request(Map.of()));
        Files.createFile(dir.resolve("notes"));
        assertThatThrownBy(() -> namespaces.unpin(dir)).hasMessageContaining("there is more");
        assertThat(mountsBelow(parent)).isZero();
        Files.delete(dir.resolve("notes"));
        namespaces.unpin(dir);
        assertThat(dir).doesNotExist();
    }

    @Test
    void manyThreadsMayPinAtOnceAndNoneStaysInAPod() throws Exception {
        Set<String> pods = ConcurrentHashMap.newKeySet();
        var threads = List.range(0, 8).map(i -> Thread.ofVirtual().start(() -> {
            try {
                for (int round = 0; round < 6; round++) {
                    namespaces.unpin(parent.resolve("pod" + i));
                    Path net = namespaces.pin(parent.resolve("pod" + i), request(Map.of("net.core.somaxconn", "9"))).net().get();
                    pods.add("net:[%s]".formatted(Files.getAttribute(net, "unix:ino")));
                }
            } catch (NetworkException | IOException e) {
                throw new AssertionError(e);
            }
        }));
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(namespaces.list(parent)).hasSize(8);
        assertThat(pods).hasSizeGreaterThanOrEqualTo(8);
        Await.until("no thread is in a pod", () -> threadsIn(pods).isEmpty());
    }

    private static List<Path> threadsIn(Set<String> pods) throws Exception {
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            return List.ofAll(tasks.toList()).filter(task -> {
                try {
                    return pods.contains(Files.readSymbolicLink(task.resolve("ns/net")).toString());
                } catch (IOException ended) {
                    return false;
                }
            });
        }
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
