package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerEventResponse;
import io.cairn.proto.cri.ContainerEventType;
import io.cairn.proto.cri.GetEventsRequest;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events of real containers, also of those that end while nobody looks. */
class EventsTest extends CriTest {
    private final CancellableContext context = Context.ROOT.withCancellation();

    @AfterEach
    void hangUp() {
        context.cancel(null);
    }

    /** What is told until something is told that is waited for. */
    private List<ContainerEventResponse> until(Predicate<ContainerEventResponse> last) throws Exception {
        return context.call(() -> {
            var told = new ArrayList<ContainerEventResponse>();
            Iterator<ContainerEventResponse> events = cri.runtime().getContainerEvents(GetEventsRequest.getDefaultInstance());
            while (told.isEmpty() || !last.test(told.getLast())) {
                told.add(events.next());
            }
            return told;
        });
    }

    private static Predicate<ContainerEventResponse> isThe(ContainerEventType type, String id) {
        return event -> event.getContainerId().equals(id) && event.getContainerEventType() == type;
    }

    @Test
    void aContainersLifeIsTold() throws Exception {
        Pod pod = run("told");
        String id = start(pod, shell("short", "exit 5"));

        var told = until(isThe(ContainerEventType.CONTAINER_STOPPED_EVENT, id));

        assertThat(told.stream().filter(e -> e.getContainerId().equals(id)).map(ContainerEventResponse::getContainerEventType))
                .contains(ContainerEventType.CONTAINER_CREATED_EVENT, ContainerEventType.CONTAINER_STOPPED_EVENT);
        var stopped = told.getLast();
        assertThat(stopped.getPodSandboxStatus().getMetadata()).isEqualTo(pod.config().getMetadata());
        assertThat(stopped.getContainersStatuses(0).getExitCode()).isEqualTo(5);
    }

    @Test
    void aContainerThatEndsWhileTheDaemonIsDeadIsTold() throws Exception {
        Pod pod = run("unwatched");
        String id = start(pod, shell("ends-later", "trap 'exit 9' TERM; echo ready; sleep 1000 & wait"));
        awaitLog(id, "ready");
        var process = ProcessHandle.of(cri.pid(id)).orElseThrow();
        running.daemon.kill9();
        process.destroy();
        process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        running.daemon.start();
        cri = running.daemon.client();

        var stopped = until(isThe(ContainerEventType.CONTAINER_STOPPED_EVENT, id)).getLast();

        assertThat(stopped.getContainersStatuses(0).getExitCode()).isEqualTo(9);
    }
}
