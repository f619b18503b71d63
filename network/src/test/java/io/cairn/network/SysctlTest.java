package io.cairn.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.linux.Namespaces.Kind;
import io.vavr.collection.List;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SysctlTest {
    private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);

    private static String file(String name) {
        return Sysctl.parse(name, "1", ALL)
                .map(s -> Path.of("/proc/sys").relativize(s.file()).toString())
                .getOrElseGet(reason -> "refused: " + reason);
    }

    @Test
    void dotsAndSlashesAreReadAsSysctlDoes() {
        assertThat(file("net.ipv4.ip_forward")).isEqualTo("net/ipv4/ip_forward");
        assertThat(file("net/ipv4/ip_forward")).isEqualTo("net/ipv4/ip_forward");
        assertThat(file("net.ipv4.conf.eth0/100.forwarding")).isEqualTo("net/ipv4/conf/eth0.100/forwarding");
        assertThat(file("net/ipv4/conf/eth0.100/forwarding")).isEqualTo("net/ipv4/conf/eth0.100/forwarding");
        assertThat(file("kernel.shm_rmid_forced")).isEqualTo("kernel/shm_rmid_forced");
        assertThat(file("kernel.sem")).isEqualTo("kernel/sem");
        assertThat(file("fs.mqueue.msg_max")).isEqualTo("fs/mqueue/msg_max");
    }

    @Test
    void whatWouldChangeTheNodeIsRefused() {
        for (String name : List.of("kernel.hostname", "kernel.domainname", "kernel.panic", "kernel.semaphore", "vm.swappiness",
                "fs.file-max", "net", "net.", "net..ipv4", "net/../kernel/panic", "net/./x", "../net/x", "/net/x", "net.ipv4.x y",
                "NET.x", "net.\u0000x",
                "net.../kernel/panic", "fs/mqueue", "net." + "a".repeat(300))) {
            assertThat(file(name)).as(name).startsWith("refused: ").hasSizeLessThan(600);
        }
    }

    @Test
    void theNamespaceMustBeThePodsOwn() {
        assertThat(Sysctl.parse("net.core.somaxconn", "1", EnumSet.of(Kind.IPC)).getLeft())
                .isEqualTo("sysctl net.core.somaxconn belongs to the net namespace, which this pod shares with the node");
        assertThat(Sysctl.parse("kernel.msgmax", "1", EnumSet.of(Kind.NET)).getLeft()).contains("ipc namespace");
    }

    @Test
    void valuesArePrintableAndBounded() {
        for (String value : List.of("", "1\n2", "a\u0000", "x".repeat(1025), "\u00e9")) {
            assertThat(Sysctl.parse("net.a.b", value, ALL).isLeft()).as(value).isTrue();
        }
    }
}
