package io.cairn.crash.points;

import io.cairn.testkit.TestNode;
import io.cairn.testkit.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a node holds on this host, thing by thing, as the kernel, the {@link Witness} and the files tell it; nothing here asks Cairn.
 *
 * @param held one line for each thing: its kind, and whose it is by the id in its name
 * @param processes pid and id of every process in a cgroup of the node's
 */
record HostFacts(Set<String> held, List<Owned> processes) {
    private static final Path PROC = Path.of("/proc");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    /** A process and the last name of its cgroup. */
    record Owned(long pid, String id) {}

    static HostFacts of(TestNode node) throws IOException, InterruptedException {
        var held = new TreeSet<String>();
        Witness witness = Witness.of(node);
        witness.look(node, held);
        names(node.root().resolve("archives")).forEach(name -> held.add("archive " + name));
        names(node.root().resolve("cni")).forEach(id -> held.add("attachment " + id));
        mounts(node, held);
        network(node, held);
        var processes = new ArrayList<Owned>();
        cgroups(node, held, processes);
        commands(node, witness, held);
        Set<String> named = held.stream().filter(thing -> !witness.isNobodys(thing)).map(witness::named).collect(Collectors.toCollection(TreeSet::new));
        return new HostFacts(named, processes.stream().map(p -> new Owned(p.pid(), witness.named(p.id()))).toList());
    }

    static List<String> names(Path dir) throws IOException {
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.map(e -> e.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException | UncheckedIOException e) {
            // It is not there, or is taken away just now.
            return List.of();
        }
    }

    /** proc_pid_mountinfo(5): two mounts at one place are two lines, and the second is one too many. */
    private static void mounts(TestNode node, Set<String> held) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            Path point = Path.of(line.split(" ")[4]);
            if (point.startsWith(node.root())) {
                String mount = "mount " + node.root().relativize(point);
                held.add(held.contains(mount) ? mount + " once more" : mount);
            }
        }
    }

    /** host-local keeps a file for each address, with the id in its first line; the bridge has a link for each pod. */
    private static void network(TestNode node, Set<String> held) throws IOException, InterruptedException {
        String token = node.root().getFileName().toString().replace("cairn-", "");
        Path ipam = node.root().resolve("ipam").resolve("cairn-test-" + token);
        for (String name : names(ipam)) {
            if (name.matches("[0-9.]+")) {
                held.add("address " + name + " of " + text(ipam.resolve(name)).lines().findFirst().orElse("").strip());
            }
        }
        int number = 0;
        for (String link : Tool.run("ip", "-o", "link", "show", "type", "veth").orThrow().lines().toList()) {
            if (link.contains(" master crn" + token + " ")) {
                held.add("veth " + ++number);
            } else if (!link.contains(" master ") && isOfNode(node, link.split(": ")[0])) {
                held.add("veth on no bridge " + link.split(": ")[1]);
            }
        }
    }

    /** Others' links may be on no bridge, too: one is the node's when its other end is in a network namespace that is held below the node's root. */
    private static boolean isOfNode(TestNode node, String index) throws IOException, InterruptedException {
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            String[] fields = line.split(" ");
            if (fields[3].startsWith("net:[") && Path.of(fields[4]).startsWith(node.root())
                    && Tool.run("nsenter", "--net=" + fields[4], "ip", "-o", "link", "show").stdout().contains("@if" + index + ":")) {
                return true;
            }
        }
        return false;
    }

    /** Whether the kernel gives a container {@link Kubelet#SHARES} of the processors. */
    static boolean hasShares(TestNode node, String container) throws IOException {
        String cgroup = node.cgroupParent().substring(1) + "/" + Witness.of(node).cgroup(node, container);
        boolean isV2 = Files.exists(CGROUPS.resolve("cgroup.controllers"));
        return isV2 ? text(CGROUPS.resolve(cgroup).resolve("cpu.weight")).strip().equals("20")
                : text(CGROUPS.resolve("cpu").resolve(cgroup).resolve("cpu.shares")).strip().equals(Long.toString(Kubelet.SHARES));
    }

    private static void cgroups(TestNode node, Set<String> held, List<Owned> processes) throws IOException {
        var seen = new TreeSet<Long>();
        for (String hierarchy : names(CGROUPS)) {
            Path parent = CGROUPS.resolve(hierarchy).resolve(node.cgroupParent().substring(1));
            if (Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
                look(parent, held, processes, seen);
            }
        }
        Path unified = CGROUPS.resolve(node.cgroupParent().substring(1));
        if (Files.exists(CGROUPS.resolve("cgroup.controllers")) && Files.isDirectory(unified)) {
            look(unified, held, processes, seen);
        }
    }

    private static void look(Path parent, Set<String> held, List<Owned> processes, Set<Long> seen) throws IOException {
        for (String id : names(parent)) {
            Path cgroup = parent.resolve(id);
            if (Files.isDirectory(cgroup)) {
                held.add("cgroup " + id);
                if (standsStill(cgroup)) {
                    held.add("standing still " + id);
                }
                for (String pid : text(cgroup.resolve("cgroup.procs")).lines().toList()) {
                    if (seen.add(Long.parseLong(pid))) {
                        processes.add(new Owned(Long.parseLong(pid), id));
                    }
                }
            }
        }
    }

    /** Nobody is to stay paused, whose checkpoint was cut off. */
    private static boolean standsStill(Path cgroup) {
        return text(cgroup.resolve("freezer.state")).startsWith("FR") || text(cgroup.resolve("cgroup.freeze")).strip().equals("1");
    }

    /** What is made of containers that are being written down, by the driver's own files of them. */
    static void checkpoints(Path containers, Set<String> held) throws IOException {
        for (String id : names(containers)) {
            if (Files.exists(containers.resolve(id).resolve("checkpoint"))) {
                held.add("checkpoint under way " + id);
            }
        }
    }

    /** Monitors, and commands under way, of this node: by their arguments, or by the variables a plugin has. */
    private static void commands(TestNode node, Witness witness, Set<String> held) throws IOException {
        String root = node.root().toString();
        for (String pid : names(PROC)) {
            if (!pid.matches("[0-9]+") || pid.equals(Long.toString(ProcessHandle.current().pid()))) {
                continue;
            }
            String line = text(PROC.resolve(pid).resolve("cmdline"));
            if (line.isEmpty()) {
                // Of the kernel's own, or dead.
                continue;
            }
            List<String> arguments = List.of(line.split("\0"));
            Optional<String> ofDriver = arguments.stream().anyMatch(a -> a.contains(root)) ? witness.process(arguments) : Optional.empty();
            if (ofDriver.isPresent()) {
                held.add(ofDriver.get());
            } else if (text(PROC.resolve(pid).resolve("environ")).contains("CAIRN_CNI_STATE_DIR=" + root)) {
                held.add("plugin under way: " + String.join(" ", arguments));
            }
        }
    }

    /** What cannot be read is of something that is gone. */
    static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
