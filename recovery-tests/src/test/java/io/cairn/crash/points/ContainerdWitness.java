package io.cairn.crash.points;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.crash.points.ContainerdRecords.Thing;
import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * containerd, as its services and its files tell of it, its shims, and the files of the driver that uses it. What lies on its disk is
 * counted besides what its records name: its garbage collector may have forgotten the one and not the other.
 */
final class ContainerdWitness implements Witness {
    private static final String LEASE = "lease of a pull";
    private static final List<String> PINS = List.of("ipc", "net", "uts");

    @Override
    public void look(TestNode node, Set<String> held) throws IOException {
        Path state = node.root().resolve("state/containerd");
        HostFacts.names(state.resolve("containers")).forEach(id -> held.add("container files " + id));
        HostFacts.names(state.resolve("sandboxes")).forEach(id -> held.add("pod files " + id));
        HostFacts.checkpoints(state.resolve("containers"), held);
        Path run = node.root().resolve("run/containerd");
        HostFacts.names(run.resolve("sandboxes")).forEach(id -> held.add("pod run " + id));
        HostFacts.names(run.resolve("ns")).forEach(id -> held.add("pins " + id));
        HostFacts.names(run.resolve("volumes")).forEach(id -> held.add("volumes " + id));
        HostFacts.names(run.resolve("oci").resolve(ContainerdRecords.NAMESPACE)).forEach(id -> held.add("oci files " + id));
        for (String id : HostFacts.names(run.resolve("containers"))) {
            container(id, run.resolve("containers").resolve(id), held);
        }
        records(node, held);
        disk(node.backendDir(), held);
    }

    private static void container(String id, Path run, Set<String> held) throws IOException {
        held.add("run files " + id);
        if (Files.exists(run.resolve("output"))) {
            held.add("output " + id);
        }
        HostFacts.names(run.resolve("exec")).forEach(exec -> held.add("streams of a command " + id + "/" + exec));
    }

    private static void records(TestNode node, Set<String> held) {
        for (Thing thing : ContainerdRecords.listed(socket(node), ContainerdRecords.NAMESPACE)) {
            held.add(switch (thing.kind()) {
                case "container" -> "record " + thing.name();
                case "lease" -> thing.name().startsWith("cairn-pull-") ? LEASE : "lease " + thing.name();
                // The tag is the same in every run; the other name has the digest in it.
                case "image" -> "image " + (thing.name().contains("@") ? thing.name().substring(thing.name().indexOf('@') + 1) : "by tag");
                default -> thing.kind() + " " + thing.name();
            });
        }
    }

    private static Path socket(TestNode node) {
        return node.backendDir().resolve("containerd.sock");
    }

    @Override
    public void confirm(TestNode node) throws Exception {
        ContainerdRecords.confirm(socket(node), ContainerdRecords.NAMESPACE);
    }

    /** A directory for each task; blobs by their digests; a directory for each snapshot, whose number is nobody's name. */
    private static void disk(Path backend, Set<String> held) throws IOException {
        Path tasks = backend.resolve("state/io.containerd.runtime.v2.task").resolve(ContainerdRecords.NAMESPACE);
        HostFacts.names(tasks).forEach(id -> held.add("task files " + id));
        Path content = backend.resolve("root/io.containerd.content.v1.content");
        HostFacts.names(content.resolve("blobs/sha256")).forEach(hex -> held.add("blob sha256:" + hex));
        HostFacts.names(content.resolve("ingest")).forEach(name -> held.add("half a blob " + name));
        long snapshots = held.stream().filter(thing -> thing.startsWith("snapshot ")).count();
        long directories = HostFacts.names(backend.resolve("root/io.containerd.snapshotter.v1.overlayfs/snapshots")).size();
        if (snapshots != directories) {
            held.add("%d directories of %d snapshots".formatted(directories, snapshots));
        }
    }

    @Override
    public Optional<String> process(List<String> arguments) {
        Path program = Path.of(arguments.getFirst()).getFileName();
        String name = program == null ? "" : program.toString();
        if (name.startsWith("containerd-shim-")) {
            String action = List.of("start", "delete").contains(arguments.getLast()) ? " under way: " + arguments.getLast() : "";
            return Optional.of("shim " + arguments.get(arguments.indexOf("-id") + 1) + action);
        }
        if (name.startsWith("cairn-hold")) {
            // …/containers/ID/output/leash
            return Optional.of("holder " + Path.of(arguments.getLast()).getParent().getParent().getFileName());
        }
        return name.startsWith("runc") ? Optional.of("runc under way: " + String.join(" ", arguments)) : Optional.empty();
    }

    @Override
    public List<String> ofPod(String id) {
        return List.of("pod files " + id);
    }

    @Override
    public List<String> ofReadyPod(String id, boolean onHostNetwork) {
        var held = new ArrayList<>(List.of("pod run " + id, "pins " + id, "mount run/containerd/sandboxes/" + id + "/shm"));
        PINS.stream().filter(pin -> pin.equals("ipc") || !onHostNetwork).forEach(pin -> held.add("mount run/containerd/ns/" + id + "/" + pin));
        return held;
    }

    @Override
    public List<String> ofInit(String id) {
        return ofProcess("init-" + id);
    }

    private static List<String> ofProcess(String id) {
        return List.of("record " + id, "task " + id, "task files " + id, "shim " + id, "oci files " + id, "cgroup " + id);
    }

    @Override
    public List<String> ofContainer(String id) {
        return List.of("container files " + id, "run files " + id, "record " + id, "snapshot " + id,
                "mount run/containerd/containers/" + id + "/rootfs");
    }

    @Override
    public List<String> ofStart(String id) {
        return List.of("output " + id);
    }

    @Override
    public List<String> ofRunning(String id) {
        var held = new ArrayList<>(ofProcess(id));
        held.add("holder " + id);
        return held;
    }

    /** With its task goes all that the task had. */
    @Override
    public List<String> ofEnd(String id) {
        return List.of();
    }

    /** The lowest layer's chain id is the digest of its content. */
    @Override
    public Set<String> ofImage(OciImage image) throws IOException {
        String layer = new ObjectMapper().readTree(image.config().bytes()).at("/rootfs/diff_ids/0").asText();
        var held = new TreeSet<>(Set.of("snapshot " + layer, "image by tag", "image " + image.manifest().digest()));
        var blobs = new ArrayList<>(List.of(image.config().digest(), image.manifest().digest()));
        image.layers().forEach(blob -> blobs.add(blob.digest()));
        blobs.forEach(digest -> held.addAll(List.of("content " + digest, "blob " + digest)));
        return held;
    }

    /** It keeps what came for the next try, until a later removal or the daemon's own time for that. */
    @Override
    public List<String> ofPull() {
        return List.of(LEASE);
    }
}
