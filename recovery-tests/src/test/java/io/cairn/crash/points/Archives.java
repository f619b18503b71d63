package io.cairn.crash.points;

import io.cairn.crash.points.Kubelet.Box;
import io.cairn.proto.cri.CheckpointContainerRequest;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.testkit.Configs;
import io.cairn.testkit.TestCriu;
import io.cairn.testkit.TestImages;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Containers that are written into archives and go on from them. Where CRIU does not work, or the driver cannot, it says so, nothing may have happened,
 * and nothing is asked of archives that are not there.
 */
final class Archives {
    /** By name, those that were asked for, and whether that was answered: they stay when their containers go. */
    final Map<String, Boolean> answered = new LinkedHashMap<>();
    private final Kubelet kubelet;

    Archives(Kubelet kubelet) {
        this.kubelet = kubelet;
    }

    void checkpoint(String name) throws Exception {
        String archive = name + ".tar";
        Files.createDirectories(directory());
        answered.putIfAbsent(archive, false);
        try {
            kubelet.cri.call(RuntimeServiceGrpc.getCheckpointContainerMethod(), CheckpointContainerRequest.newBuilder()
                    .setContainerId(kubelet.boxes.get(name).id).setLocation(directory().resolve(archive).toString()).build());
            answered.put(archive, true);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED || kubelet.node.driver().canCheckpoint() && TestCriu.works()) {
                throw e;
            }
            answered.remove(archive);
        }
    }

    private Path directory() {
        return kubelet.node.root().resolve("archives");
    }

    /** One that goes on from the archive of another. */
    void create(String podName, String name, String archive) throws Exception {
        if (!kubelet.boxes.containsKey(name) && answered.getOrDefault(archive, false)) {
            restored(podName, name, directory().resolve(archive).toString());
        }
        if (kubelet.boxes.containsKey(name)) {
            kubelet.create(kubelet.boxes.get(name));
        }
    }

    /** The next attempt of it, not asked for yet. */
    Box restored(String podName, String name, String archive) throws Exception {
        int attempt = kubelet.nextAttempt(name);
        var config = Configs.shell(name, Kubelet.IMAGE, "true").setImage(Kubelet.spec(archive)).addMounts(TestImages.program())
                .addMounts(Mount.newBuilder().setHostPath(kubelet.marks.toString()).setContainerPath("/marks"));
        config.getMetadataBuilder().setAttempt(attempt);
        config.setLogPath("%s.%d.log".formatted(name, attempt));
        var box = new Box(name, kubelet.pods.get(podName), config.build(), -1);
        kubelet.boxes.put(name, box);
        return box;
    }

    void start(String name) throws Exception {
        if (kubelet.boxes.containsKey(name)) {
            kubelet.start(name);
        }
    }

    void remove(String name) {
        if (kubelet.boxes.containsKey(name)) {
            kubelet.remove(name);
        }
    }
}
