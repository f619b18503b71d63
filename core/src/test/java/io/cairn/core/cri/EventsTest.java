package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Programs;
import io.cairn.proto.cri.ContainerEventResponse;
import io.cairn.proto.cri.ContainerEventType;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.GetEventsRequest;
import io.cairn.proto.cri.PodSandboxState;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.RemoveContainerRequest;
import io.cairn.proto.cri.RemovePodSandboxRequest;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.proto.cri.StopPodSandboxRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events as a kubelet gets them: all of them, in order, with what was true just after each. */
class EventsTest {
    @TempDir(factory = InMemory.class) Path temp;

    private CriFixture cri;

    @BeforeEach
    void start() throws Exception {
        cri = new CriFixture(temp);
        cri.pull("app");
    }

    @AfterEach
    void end() throws Exception {
        cri.close();
        assertThat(cri.halts).isEmpty();
        assertThat(cri.world.violations()).isEmpty();
    }

    /** A client that takes messages as it is told to. */
    private final class Client extends ClientCall.Listener<ContainerEventResponse> {
        private final List<ContainerEventResponse> events = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Status> status = new CompletableFuture<>();
        private final ClientCall<GetEventsRequest, ContainerEventResponse> call =
                cri.channel().newCall(RuntimeServiceGrpc.getGetContainerEventsMethod(), CallOptions.DEFAULT);

        Client(int messages) {
            call.start(this, new Metadata());
            call.sendMessage(GetEventsRequest.getDefaultInstance());
            call.halfClose();
            call.request(messages);
        }

        Client() {
            this(Integer.MAX_VALUE);
        }

        @Override
        public void onMessage(ContainerEventResponse event) {
            events.add(event);
        }

        @Override
        public void onClose(Status end, Metadata trailers) {
            status.complete(end);
        }

        List<String> told(String id) {
            return events.stream().filter(e -> e.getContainerId().equals(id))
                    .map(e -> e.getContainerEventType().name().replaceAll("CONTAINER_|_EVENT", "")).toList();
        }

        void awaitTold(String id, String... types) {
            Eventually.holds("events of " + id, () -> told(id).equals(List.of(types)));
        }

        ContainerEventResponse last(String id, ContainerEventType type) {
            return events.stream().filter(e -> e.getContainerId().equals(id) && e.getContainerEventType() == type).toList().getLast();
        }
    }

    @Test
    void theLifeOfAPodIsToldWithWhatWasTrueAfterEachEvent() {
        var client = new Client();
        String pod = cri.run("p");
        String id = cri.running(pod, "c", Programs.SLEEP);
        cri.world.exits(id, 3, true);
        client.awaitTold(id, "CREATED", "STARTED", "STOPPED");
        cri.runtime().removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
        cri.runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
        cri.runtime().removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
        client.awaitTold(pod, "CREATED", "STARTED", "STOPPED", "DELETED");
        client.awaitTold(id, "CREATED", "STARTED", "STOPPED", "DELETED");

        var started = client.last(id, ContainerEventType.CONTAINER_STARTED_EVENT);
        assertThat(started.getPodSandboxStatus().getId()).isEqualTo(pod);
        assertThat(started.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(started.getContainersStatusesList()).extracting(ContainerStatus::getState).containsExactly(ContainerState.CONTAINER_RUNNING);
        assertThat(started.getCreatedAt()).isPositive();
        var stopped = client.last(id, ContainerEventType.CONTAINER_STOPPED_EVENT).getContainersStatuses(0);
        assertThat(stopped.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(stopped.getExitCode()).isEqualTo(3);
        assertThat(stopped.getReason()).isEqualTo("OOMKilled");
        var deleted = client.last(id, ContainerEventType.CONTAINER_DELETED_EVENT);
        assertThat(deleted.getPodSandboxStatus().getId()).isEqualTo(pod);
        assertThat(deleted.getContainersStatusesList()).isEmpty();
        assertThat(client.last(pod, ContainerEventType.CONTAINER_DELETED_EVENT).getPodSandboxStatus().getState())
                .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(client.events).extracting(ContainerEventResponse::getCreatedAt).isSorted();
    }

    @Test
    void aStatusIsStampedAsTheLastEventThatItKnowsOf() {
        var client = new Client();
        String pod = cri.run("p");
        String id = cri.running(pod, "c", Programs.SLEEP);
        client.awaitTold(id, "CREATED", "STARTED");
        cri.clock.advanceMillis(1000);
        assertThat(stamp(pod)).isEqualTo(client.last(id, ContainerEventType.CONTAINER_STARTED_EVENT).getCreatedAt());

        cri.world.exits(id, 3, true);
        client.awaitTold(id, "CREATED", "STARTED", "STOPPED");
        cri.clock.advanceMillis(1000);
        assertThat(stamp(pod)).isEqualTo(client.last(id, ContainerEventType.CONTAINER_STOPPED_EVENT).getCreatedAt());
    }

    private long stamp(String pod) {
        return cri.runtime().podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build()).getTimestamp();
    }

    @Test
    void whatHappensWhileTheDaemonIsDownIsToldAfterwards() throws Exception {
        var before = new Client();
        String pod = cri.run("p");
        String id = cri.running(pod, "c", Programs.SLEEP);
        before.awaitTold(id, "CREATED", "STARTED");
        cri.stop();
        cri.world.exits(id, 7, false);
        cri.start();

        var after = new Client();
        Eventually.holds("the exit is told", () -> after.told(id).contains("STOPPED"));
        assertThat(after.last(id, ContainerEventType.CONTAINER_STOPPED_EVENT).getContainersStatuses(0).getExitCode()).isEqualTo(7);
    }

    @Test
    void aStreamEndsInOrderWhenTheDaemonStops() throws Exception {
        var client = new Client();
        String pod = cri.run("p");
        cri.closeDaemon();
        assertThat(client.status.get(10, TimeUnit.SECONDS).isOk()).isTrue();
        assertThat(client.told(pod)).containsExactly("CREATED", "STARTED");
        cri.start();
    }

    @Test
    void aClientThatReadsNothingForAWhileLosesNothing() {
        var slow = new Client(1);
        var expected = new ArrayList<String>();
        String pod = cri.run("p");
        for (int i = 0; i < 100; i++) {
            String id = cri.running(pod, "c" + i, Programs.EXITS_AT_ONCE);
            cri.runtime().removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
            expected.add(id);
        }
        slow.call.request(Integer.MAX_VALUE);
        slow.awaitTold(expected.getLast(), "CREATED", "STOPPED", "STARTED", "DELETED");
        assertThat(slow.events.stream().filter(e -> e.getContainerEventType() == ContainerEventType.CONTAINER_DELETED_EVENT)
                .map(ContainerEventResponse::getContainerId)).isEqualTo(expected);
    }

    @Test
    void aClientThatComesBackIsToldWhatItMissed() throws Exception {
        var first = new Client();
        String pod = cri.run("p");
        first.awaitTold(pod, "CREATED", "STARTED");
        first.call.cancel("enough", null);
        first.status.get(10, TimeUnit.SECONDS);
        String missed = cri.running(pod, "c", Programs.SLEEP);

        var second = new Client();
        second.awaitTold(missed, "CREATED", "STARTED");
    }
}
