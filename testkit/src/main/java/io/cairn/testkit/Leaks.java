package io.cairn.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * An independent look at the host for what a node's pods hold: mounts, namespaces, links, addresses, packet filter rules, cgroups,
 * processes, the records of the driver's backend. It never asks Cairn.
 *
 * <p>What the daemon itself is and keeps (its process, journal, images, the bridge, which the next pod uses again) is no leak.
 */
public final class Leaks {
    /** The kernel takes namespaces and cgroups down behind the caller's back. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestNode node;
    private final Set<String> before;

    private Leaks(TestNode node, Set<String> before) {
        this.node = node;
        this.before = before;
    }

    /** Remembers what there is now. */
    public static Leaks since(TestNode node) throws IOException, InterruptedException {
        return new Leaks(node, held(node));
    }

    /** Everything on this host, now, that belongs to the node's pods. */
    public static Set<String> held(TestNode node) throws IOException, InterruptedException {
        var host = new HostView(node);
        Set<String> found = inFiles(host);
        found.addAll(askedOfPrograms(node, host));
        return found;
    }

    private static Set<String> inFiles(HostView host) throws IOException {
        var found = new TreeSet<String>();
        host.mounts().forEach(m -> found.add("mount " + m));
        host.namespaces().forEach(n -> found.add("namespace " + n));
        host.addresses().forEach(a -> found.add("address " + a));
        host.cgroups().forEach(c -> found.add("cgroup " + c));
        podProcesses(host).forEach(found::add);
        return found;
    }

    private static Set<String> askedOfPrograms(TestNode node, HostView host) throws IOException, InterruptedException {
        var found = new TreeSet<String>();
        host.links().forEach(l -> found.add("link " + l));
        host.rules().forEach(r -> found.add("rule " + r));
        node.driver().containers(node).forEach(c -> found.add(node.driver().name() + " container " + c));
        return found;
    }

    /** How many network namespaces the node has pinned now. */
    public static int networkNamespaces(TestNode node) throws IOException {
        return (int) new HostView(node).namespaces().stream().filter(n -> n.contains(" net:")).map(n -> n.split(" ")[1]).distinct().count();
    }

    /**
     * @param goneIds of pods and containers that were removed: nothing may be named after them any more
     * @throws AssertionError with everything that was not there at the first look
     */
    public void assertNothingLeft(List<String> goneIds) throws Exception {
        try {
            // Programs are asked once files show nothing more: each costs as much as all of those, and the kernel is waited for meanwhile.
            Await.until("nothing left", PATIENCE, () -> before.containsAll(inFiles(new HostView(node))) && left(goneIds).isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError("Expected nothing to be left behind, but there is:\n  " + String.join("\n  ", left(goneIds)));
        }
    }

    public void assertNothingLeft() throws Exception {
        assertNothingLeft(List.of());
    }

    private Set<String> left(List<String> goneIds) throws IOException, InterruptedException {
        Set<String> left = held(node);
        left.removeAll(before);
        new HostView(node).namedById(goneIds).forEach(path -> left.add("named after what is gone: " + path));
        return left;
    }

    private static List<String> podProcesses(HostView host) throws IOException {
        var found = new ArrayList<String>();
        for (long pid : host.processes()) {
            if (host.isOfPods(pid)) {
                found.add("process %d: %.200s".formatted(pid, HostView.command(pid)));
            }
        }
        return found;
    }
}
