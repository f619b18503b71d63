package io.cairn.crash.points;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.crash.points.ContainerdRecords.Thing;
import io.cairn.testkit.DockerProcess;
import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Docker, as its API, the containerd below it and its files tell of it, and the files of the driver that uses it. The engine gives ids of
 * its own to what it makes: what bears one is told by the name that the container was given. What lies on its disk is counted besides what
 * it knows of.
 */
final class DockerWitness implements Witness {
    private static final String OURS = "cairn.internal/cairn:";
    private static final String PODS = OURS + "pause";
    private static final String LAYER_ON_ITS_WAY = "layer on its way";
    private static final String MOUNT = "mount backend/";

    /** What the engine calls things, and what they are called here. */
    private final Map<String, String> names = new LinkedHashMap<>();

    @Override
    public void look(TestNode node, Set<String> held) throws IOException {
        Path state = node.root().resolve("state/docker");
        HostFacts.names(state.resolve("containers")).forEach(id -> held.add("container files " + id));
        HostFacts.names(state.resolve("sandboxes")).forEach(id -> held.add("pod files " + id));
        HostFacts.names(state.resolve("images")).forEach(_ -> held.add(LAYER_ON_ITS_WAY));
        Path run = node.root().resolve("run/docker");
        HostFacts.names(run.resolve("sandboxes")).forEach(id -> held.add("pod run " + id));
        HostFacts.names(run.resolve("ns")).forEach(id -> held.add("pins " + id));
        HostFacts.names(run.resolve("volumes")).forEach(id -> held.add("volumes " + id));
        for (String id : HostFacts.names(run.resolve("containers"))) {
            held.add("run files " + id);
            HostFacts.names(run.resolve("containers").resolve(id).resolve("exec")).forEach(exec -> held.add("command " + id + "/" + exec));
        }
        containers(node, held);
        Set<String> imageOfPods = images(node, held);
        disk(node.backendDir().resolve("data"), imageOfPods, held);
        containerd(node, held);
    }

    /** One that is removed between the two questions is not there. */
    private void containers(TestNode node, Set<String> held) throws IOException {
        for (JsonNode listed : ask(node, "/containers/json?all=1")) {
            String name = listed.path("Names").path(0).asText().replaceFirst("^/", "");
            held.add("record " + name);
            names.put(listed.path("Id").asText(), name);
            Optional<JsonNode> container = DockerProcess.find(socket(node), "/containers/" + listed.path("Id").asText() + "/json");
            container.flatMap(found -> layer(found.at("/GraphDriver/Data/UpperDir").asText())).ifPresent(id -> names.put(id, name));
        }
    }

    /** What the overlay driver calls the layer of a container whose changes are there. */
    private static Optional<String> layer(String upper) {
        return upper.isEmpty() ? Optional.empty() : Optional.of(Path.of(upper).getParent().getFileName().toString());
    }

    /** @return digests of what the image of pods has, which is there from the first pod on */
    private static Set<String> images(TestNode node, Set<String> held) throws IOException {
        var imageOfPods = new TreeSet<String>();
        for (JsonNode image : ask(node, "/images/json?all=1")) {
            List<String> tags = new ArrayList<>();
            image.path("RepoTags").forEach(tag -> tags.add(tag.asText()));
            if (tags.equals(List.of(PODS))) {
                imageOfPods.add(image.path("Id").asText());
                ask(node, "/images/" + image.path("Id").asText() + "/json").at("/RootFS/Layers").forEach(layer -> imageOfPods.add(layer.asText()));
                continue;
            }
            held.add("image " + image.path("Id").asText());
            tags.forEach(tag -> held.add("image by name " + tag.replace(OURS, "")));
        }
        return imageOfPods;
    }

    /** Layers by their chain ids; directories of containers by the engine's ids; what an upload or a removal was cut off at. */
    private static void disk(Path data, Set<String> imageOfPods, Set<String> held) throws IOException {
        HostFacts.names(data.resolve("containers")).forEach(id -> held.add("engine's files " + id));
        HostFacts.names(data.resolve("tmp")).forEach(name -> held.add("half an upload " + name));
        for (String driver : HostFacts.names(data.resolve("image"))) {
            Path layers = data.resolve("image").resolve(driver).resolve("layerdb");
            HostFacts.names(layers.resolve("sha256")).stream().map(hex -> "sha256:" + hex).filter(id -> !imageOfPods.contains(id))
                    .forEach(id -> held.add("layer " + id));
            HostFacts.names(layers.resolve("tmp")).forEach(name -> held.add("half a layer " + name));
            HostFacts.names(layers.resolve("mounts")).forEach(id -> held.add("layer of a container " + id));
            HostFacts.names(data.resolve("image").resolve(driver).resolve("imagedb/content/sha256")).stream().map(hex -> "sha256:" + hex)
                    .filter(id -> !imageOfPods.contains(id)).forEach(id -> held.add("configuration " + id));
        }
        if (Files.isDirectory(data.resolve("overlay2"))) {
            directories(data, held);
        }
    }

    /** One for each layer, two for each container, and one with short names for all of them. */
    private static void directories(Path data, Set<String> held) throws IOException {
        Path layers = data.resolve("image/overlay2/layerdb");
        int known = HostFacts.names(layers.resolve("sha256")).size() + 2 * HostFacts.names(layers.resolve("mounts")).size() + 1;
        int there = HostFacts.names(data.resolve("overlay2")).size();
        if (there != known) {
            held.add("%d directories of %d".formatted(there, known));
        }
    }

    private static void containerd(TestNode node, Set<String> held) {
        for (Thing thing : ContainerdRecords.listed(containerdSocket(node), DockerProcess.NAMESPACE)) {
            held.add(thing.kind() + " of containerd " + thing.name());
        }
    }

    private static Path containerdSocket(TestNode node) {
        return node.backendDir().resolve("containerd/containerd.sock");
    }

    @Override
    public void confirm(TestNode node) throws Exception {
        ContainerdRecords.confirm(containerdSocket(node), DockerProcess.NAMESPACE);
    }

    private static JsonNode ask(TestNode node, String path) throws IOException {
        return DockerProcess.find(socket(node), path).orElseGet(() -> new ObjectMapper().createArrayNode());
    }

    private static Path socket(TestNode node) {
        return node.backendDir().resolve("docker.sock");
    }

    @Override
    public String named(String thing) {
        String named = thing;
        for (Map.Entry<String, String> name : names.entrySet()) {
            named = named.replace(name.getKey(), name.getValue());
        }
        return named;
    }

    /** Of the engine itself, whether there are containers or not. */
    @Override
    public boolean isNobodys(String thing) {
        return Set.of(MOUNT + "data", MOUNT + "data/overlay2", MOUNT + "exec/netns/default").contains(thing);
    }

    @Override
    public String cgroup(TestNode node, String id) throws IOException {
        return DockerProcess.find(socket(node), "/containers/" + id + "/json").map(c -> c.path("Id").asText()).orElse(id);
    }

    @Override
    public List<String> cgroupsOfPod(String id, boolean sharesProcesses) {
        return List.of(id);
    }

    @Override
    public boolean keepsLogs() {
        return false;
    }

    @Override
    public Optional<String> process(List<String> arguments) {
        Path program = Path.of(arguments.getFirst()).getFileName();
        String name = program == null ? "" : program.toString();
        if (name.startsWith("containerd-shim-")) {
            String action = List.of("start", "delete").contains(arguments.getLast()) ? " under way: " + arguments.getLast() : "";
            return Optional.of("shim " + arguments.get(arguments.indexOf("-id") + 1) + action);
        }
        return name.startsWith("runc") ? Optional.of("runc under way: " + String.join(" ", arguments)) : Optional.empty();
    }

    @Override
    public List<String> ofPod(String id) {
        return List.of("pod files " + id);
    }

    @Override
    public List<String> ofReadyPod(String id, boolean onHostNetwork) {
        var held = new ArrayList<>(List.of("pod run " + id));
        held.addAll(ofRecord(id));
        held.addAll(ofRunning(id));
        held.add(MOUNT + "data/containers/" + id + "/mounts/shm");
        if (!onHostNetwork) {
            held.addAll(List.of("pins " + id, "mount run/docker/ns/" + id + "/net"));
        }
        return held;
    }

    private static List<String> ofRecord(String id) {
        return List.of("record " + id, "engine's files " + id, "layer of a container " + id);
    }

    @Override
    public List<String> ofInit(String id) {
        return List.of();
    }

    @Override
    public List<String> ofContainer(String id) {
        var held = new ArrayList<>(List.of("container files " + id, "run files " + id));
        held.addAll(ofRecord(id));
        return held;
    }

    @Override
    public List<String> ofStart(String id) {
        return List.of();
    }

    @Override
    public List<String> ofRunning(String id) {
        return List.of("container of containerd " + id, "task of containerd " + id, "shim " + id, "cgroup " + id,
                MOUNT + "data/overlay2/" + id + "/merged");
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
        String hex = image.id().substring("sha256:".length());
        return Set.of("layer " + layer, "image " + image.id(), "image by name " + hex, "configuration " + image.id());
    }

    /** It is for the next try, until a later removal or the daemon's own time for that. */
    @Override
    public List<String> ofPull() {
        return List.of(LAYER_ON_ITS_WAY);
    }
}
