package io.cairn.core.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import java.util.Map;
import java.util.TreeMap;

/** What the events say, told again with maps of words: phase, and behind a {@code +} what is under way. */
public final class PlainModel {
    private final Map<String, String> sandboxes = new TreeMap<>();
    private final Map<String, String> containers = new TreeMap<>();
    private final Map<String, String> images = new TreeMap<>();
    private final Map<String, String> running = new TreeMap<>();

    public void apply(Event e) {
        switch (e.getBodyCase()) {
            case SANDBOX_RUN_INTENDED -> sandboxes.put(e.getSandboxRunIntended().getSandboxId(), "CREATING+SANDBOX_RUN");
            case SANDBOX_RAN -> sandboxes.put(e.getSandboxRan().getSandboxId(), "READY");
            case SANDBOX_RUN_FAILED -> putOrDrop(sandboxes, e.getSandboxRunFailed().getSandboxId(), e.getSandboxRunFailed().hasLeftBehind(),
                    "NOT_READY");
            case SANDBOX_STOP_INTENDED -> begin(sandboxes, e.getSandboxStopIntended().getSandboxId(), "SANDBOX_STOP");
            case SANDBOX_STOPPED -> sandboxes.put(e.getSandboxStopped().getSandboxId(), "NOT_READY");
            case SANDBOX_STOP_FAILED -> sandboxes.put(e.getSandboxStopFailed().getSandboxId(), "NOT_READY");
            case SANDBOX_REMOVE_INTENDED -> begin(sandboxes, e.getSandboxRemoveIntended().getSandboxId(), "SANDBOX_REMOVE");
            case SANDBOX_REMOVED -> sandboxes.remove(e.getSandboxRemoved().getSandboxId());
            case SANDBOX_REMOVE_FAILED -> sandboxes.put(e.getSandboxRemoveFailed().getSandboxId(), "NOT_READY");
            case SANDBOX_VANISHED -> turn(sandboxes, e.getSandboxVanished().getSandboxId(), "NOT_READY");
            case CONTAINER_CREATE_INTENDED -> containers.put(e.getContainerCreateIntended().getContainerId(), "CREATING+CONTAINER_CREATE");
            case CONTAINER_CREATED -> containers.put(e.getContainerCreated().getContainerId(), "CREATED");
            case CONTAINER_CREATE_FAILED -> putOrDrop(containers, e.getContainerCreateFailed().getContainerId(),
                    e.getContainerCreateFailed().hasLeftBehind(), "EXITED");
            case CONTAINER_START_INTENDED -> begin(containers, e.getContainerStartIntended().getContainerId(), "CONTAINER_START");
            case CONTAINER_STARTED -> containers.merge(e.getContainerStarted().getContainerId(), "RUNNING",
                    (was, now) -> was.startsWith("EXITED") ? "EXITED" : now);
            case CONTAINER_START_FAILED -> containers.put(e.getContainerStartFailed().getContainerId(), "EXITED");
            case CONTAINER_STOP_INTENDED -> begin(containers, e.getContainerStopIntended().getContainerId(), "CONTAINER_STOP");
            case CONTAINER_STOP_FINISHED -> containers.computeIfPresent(e.getContainerStopFinished().getContainerId(),
                    (id, was) -> was.endsWith("+CONTAINER_STOP") ? phase(was) : was);
            case CONTAINER_REMOVE_INTENDED -> begin(containers, e.getContainerRemoveIntended().getContainerId(), "CONTAINER_REMOVE");
            case CONTAINER_REMOVED -> containers.remove(e.getContainerRemoved().getContainerId());
            case CONTAINER_REMOVE_FAILED -> end(containers, e.getContainerRemoveFailed().getContainerId());
            case CONTAINER_EXITED -> turn(containers, e.getContainerExited().getContainerId(), "EXITED");
            case CONTAINER_UPDATE_INTENDED -> begin(containers, e.getContainerUpdateIntended().getContainerId(), "CONTAINER_UPDATE");
            case CONTAINER_UPDATED -> end(containers, e.getContainerUpdated().getContainerId());
            case CONTAINER_UPDATE_FAILED -> end(containers, e.getContainerUpdateFailed().getContainerId());
            case CONTAINER_CHECKPOINT_INTENDED -> begin(containers, e.getContainerCheckpointIntended().getContainerId(), "CONTAINER_CHECKPOINT");
            case CONTAINER_CHECKPOINTED -> end(containers, e.getContainerCheckpointed().getContainerId());
            case CONTAINER_CHECKPOINT_FAILED -> end(containers, e.getContainerCheckpointFailed().getContainerId());
            case EXEC_INTENDED -> running.put(e.getExecIntended().getExecId(), "exec");
            case EXEC_FINISHED -> running.remove(e.getExecFinished().getExecId());
            case EXEC_FAILED -> running.remove(e.getExecFailed().getExecId());
            case IMAGE_PULL_INTENDED -> running.put(e.getImagePullIntended().getPullId(), "pull");
            case IMAGE_PULLED -> {
                running.remove(e.getImagePulled().getPullId());
                images.putIfAbsent(e.getImagePulled().getImageId(), "HERE");
            }
            case IMAGE_PULL_FAILED -> running.remove(e.getImagePullFailed().getPullId());
            case IMAGE_REMOVE_INTENDED -> begin(images, e.getImageRemoveIntended().getImageId(), "IMAGE_REMOVE");
            case IMAGE_REMOVED -> images.remove(e.getImageRemoved().getImageId());
            case IMAGE_REMOVE_FAILED -> end(images, e.getImageRemoveFailed().getImageId());
            case ATTACH_BEGUN, ATTACH_ENDED, PORT_FORWARD_BEGUN, PORT_FORWARD_ENDED -> { }
            case EPOCH_OPENED, DRIVER_BOUND, SNAPSHOT_TAKEN, EPOCH_RETIRED, RUNTIME_CONFIG_UPDATED, NETWORK_CONFIGURED, NETWORK_READY_CHANGED, SANDBOX_RESOURCES_UPDATED, IN_DOUBT_ADOPTED, IN_DOUBT_REDONE, IN_DOUBT_COMPENSATED, ORPHAN_REAPED, CALL_SERVED, BODY_NOT_SET -> { }
        }
    }

    public void assertAgrees(State state) {
        var pending = ("+%s");
        assertThat(state.sandboxes().mapValues(s -> s.phase() + s.pending().map(p -> pending.formatted(p.kind())).getOrElse("")).toJavaMap())
                .isEqualTo(sandboxes);
        assertThat(state.containers().mapValues(c -> c.phase() + c.pending().map(p -> pending.formatted(p.kind())).getOrElse("")).toJavaMap())
                .isEqualTo(containers);
        assertThat(state.images().mapValues(i -> "HERE" + i.pending().map(p -> pending.formatted(p.kind())).getOrElse("")).toJavaMap())
                .isEqualTo(images);
        assertThat(state.execs().keySet().addAll(state.pulls().keySet()).toJavaSet()).isEqualTo(running.keySet());
    }

    private static void begin(Map<String, String> things, String id, String what) {
        things.compute(id, (key, was) -> phase(was) + "+" + what);
    }

    private static void end(Map<String, String> things, String id) {
        things.computeIfPresent(id, (key, was) -> phase(was));
    }

    private static void turn(Map<String, String> things, String id, String phase) {
        things.computeIfPresent(id, (key, was) -> phase + was.substring(phase(was).length()));
    }

    private static void putOrDrop(Map<String, String> things, String id, boolean stays, String phase) {
        if (stays) {
            things.put(id, phase);
        } else {
            things.remove(id);
        }
    }

    private static String phase(String words) {
        return words.contains("+") ? words.substring(0, words.indexOf('+')) : words;
    }
}
