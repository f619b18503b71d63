package io.cairn.crash.points;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestNode;
import io.cairn.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** runc, conmon, and the files of the driver that uses them. */
final class RuncWitness implements Witness {
    @Override
    public void look(TestNode node, Set<String> held) throws IOException, InterruptedException {
        Path state = node.root().resolve("state/runc");
        Path run = node.root().resolve("run/runc");
        HostFacts.names(state.resolve("containers")).forEach(id -> held.add("container files " + id));
        HostFacts.names(state.resolve("sandboxes")).forEach(id -> held.add("pod files " + id));
        HostFacts.names(state.resolve("exits")).forEach(id -> held.add("exit record " + id));
        HostFacts.names(state.resolve("images/snapshots")).forEach(id -> held.add("snapshot " + id));
        HostFacts.names(state.resolve("images/layers")).forEach(id -> held.add("layer " + id));
        HostFacts.names(state.resolve("images/blobs")).forEach(id -> held.add("blob " + id));
        for (String rubbish : List.of("damaged", "ingest", "trash")) {
            HostFacts.names(state.resolve("images").resolve(rubbish)).forEach(id -> held.add("rubbish " + rubbish + "/" + id));
        }
        HostFacts.checkpoints(state.resolve("containers"), held);
        HostFacts.names(run.resolve("containers")).forEach(id -> held.add("bundle " + id));
        HostFacts.names(run.resolve("sandboxes")).forEach(id -> held.add("pod run " + id));
        HostFacts.names(run.resolve("ns")).forEach(id -> held.add("pins " + id));
        ociContainers(run.resolve("runc"), held);
    }

    private static void ociContainers(Path runtimeRoot, Set<String> held) throws IOException, InterruptedException {
        List<String> names = HostFacts.names(runtimeRoot);
        names.forEach(name -> held.add("oci files " + name));
        if (Files.exists(runtimeRoot) && !names.isEmpty()) {
            Tool.run("runc", "--root", runtimeRoot.toString(), "list", "--quiet").stdout().lines().forEach(id -> held.add("oci " + id));
        }
    }

    @Override
    public Optional<String> process(List<String> arguments) {
        Path program = Path.of(arguments.getFirst()).getFileName();
        String name = program == null ? "" : program.toString();
        if (name.equals("conmon")) {
            return Optional.of((arguments.contains("--exec") ? "command's monitor " : "monitor ") + arguments.get(arguments.indexOf("--cid") + 1));
        }
        return name.startsWith("runc") ? Optional.of("runc under way: " + String.join(" ", arguments)) : Optional.empty();
    }

    @Override
    public List<String> ofPod(String id) {
        return List.of("pod files " + id);
    }

    @Override
    public List<String> ofReadyPod(String id, boolean onHostNetwork) {
        List<String> pins = onHostNetwork ? List.of("ipc") : List.of("ipc", "net", "uts");
        var held = new ArrayList<>(List.of("pod run " + id, "pins " + id, "mount run/runc/sandboxes/" + id + "/shm"));
        pins.forEach(pin -> held.add("mount run/runc/ns/" + id + "/" + pin));
        return held;
    }

    @Override
    public List<String> ofInit(String id) {
        return List.of("oci files init-" + id, "oci init-" + id, "cgroup init-" + id);
    }

    @Override
    public List<String> ofContainer(String id) {
        return List.of("container files " + id, "snapshot " + id, "bundle " + id, "mount run/runc/containers/" + id + "/rootfs");
    }

    @Override
    public List<String> ofStart(String id) {
        return List.of("oci files " + id, "oci " + id, "cgroup " + id);
    }

    @Override
    public List<String> ofRunning(String id) {
        return List.of("monitor " + id);
    }

    @Override
    public List<String> ofEnd(String id) {
        return List.of("exit record " + id);
    }

    /** The lowest layer's chain id is the digest of its content. */
    @Override
    public Set<String> ofImage(OciImage image) throws IOException {
        String layer = new ObjectMapper().readTree(image.config().bytes()).at("/rootfs/diff_ids/0").asText();
        return Set.of("blob " + name(image.config().digest()), "blob " + name(image.manifest().digest()), "layer " + name(layer));
    }

    @Override
    public List<String> ofPull() {
        return List.of();
    }

    private static String name(String digest) {
        return digest.replace(':', '-');
    }
}
