package io.cairn.core.cri;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.core.feed.EventFeed;
import io.cairn.core.feed.EventFollower;
import io.cairn.core.feed.FeedBroken;
import io.cairn.proto.cri.ContainerEventResponse;
import io.cairn.proto.cri.ContainerEventType;
import io.cairn.proto.cri.GetEventsRequest;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Peer;
import io.grpc.Status;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/**
 * CRI GetContainerEvents: the lives of containers and pods as the journal tells them, each event with the statuses of its pod as of
 * just after it. A pod has events of its own, with its id in the place of a container's, as other runtimes send them.
 */
final class ContainerEvents implements StreamVerb<GetEventsRequest, ContainerEventResponse> {
    private final EventFeed feed;

    ContainerEvents(EventFeed feed) {
        this.feed = feed;
    }

    @Override
    public Source<ContainerEventResponse> open(GetEventsRequest request, Call call) {
        try {
            return new Following(feed.follow(client(call.origin().peer())));
        } catch (FeedBroken e) {
            throw unreadable(e);
        }
    }

    /** A kubelet that was started again is the same client: it wants to know what happened meanwhile. */
    private static String client(Peer peer) {
        return peer.getUid() + " " + peer.getExecutable();
    }

    private static RuntimeException unreadable(FeedBroken e) {
        return Status.DATA_LOSS.withDescription("events cannot be told from here on; connect again, and list: " + e.getMessage())
                .asRuntimeException();
    }

    private static final class Following implements Source<ContainerEventResponse> {
        private final EventFollower events;
        private Vector<ContainerEventResponse> waiting = Vector.empty();

        Following(EventFollower events) {
            this.events = events;
        }

        @Override
        public Option<ContainerEventResponse> next() throws InterruptedException {
            try {
                while (waiting.isEmpty()) {
                    Option<Step> step = events.next();
                    if (step.isEmpty()) {
                        return Option.none();
                    }
                    waiting = messages(step.get());
                }
                ContainerEventResponse first = waiting.head();
                waiting = waiting.tail();
                return Option.some(first);
            } catch (FeedBroken e) {
                throw unreadable(e);
            }
        }

        @Override
        public void close() {
            try {
                events.close();
            } catch (FeedBroken e) {
                throw unreadable(e);
            }
        }
    }

    static Vector<ContainerEventResponse> messages(Step step) {
        Event event = step.event();
        return switch (event.getBodyCase()) {
            case CONTAINER_CREATED -> of(step, event.getContainerCreated().getContainerId(), ContainerEventType.CONTAINER_CREATED_EVENT);
            case CONTAINER_STARTED -> of(step, event.getContainerStarted().getContainerId(), ContainerEventType.CONTAINER_STARTED_EVENT);
            case CONTAINER_START_FAILED -> of(step, event.getContainerStartFailed().getContainerId(),
                    ContainerEventType.CONTAINER_STOPPED_EVENT);
            case CONTAINER_EXITED -> of(step, event.getContainerExited().getContainerId(), ContainerEventType.CONTAINER_STOPPED_EVENT);
            case CONTAINER_REMOVED -> of(step, event.getContainerRemoved().getContainerId(), ContainerEventType.CONTAINER_DELETED_EVENT);
            case SANDBOX_RAN -> of(step, event.getSandboxRan().getSandboxId(), ContainerEventType.CONTAINER_CREATED_EVENT,
                    ContainerEventType.CONTAINER_STARTED_EVENT);
            case SANDBOX_STOPPED -> of(step, event.getSandboxStopped().getSandboxId(), ContainerEventType.CONTAINER_STOPPED_EVENT);
            case SANDBOX_VANISHED -> of(step, event.getSandboxVanished().getSandboxId(), ContainerEventType.CONTAINER_STOPPED_EVENT);
            case SANDBOX_REMOVED -> of(step, event.getSandboxRemoved().getSandboxId(), ContainerEventType.CONTAINER_DELETED_EVENT);
            // Not an end of somebody's life: CRI has no words for the rest.
            default -> Vector.empty();
        };
    }

    private static Vector<ContainerEventResponse> of(Step step, String id, ContainerEventType... types) {
        String sandboxId = step.before().container(id).orElse(() -> step.after().container(id)).map(Container::sandboxId).getOrElse(id);
        Option<Sandbox> sandbox = step.after().sandbox(sandboxId).orElse(() -> step.before().sandbox(sandboxId));
        var message = ContainerEventResponse.newBuilder().setContainerId(id).setCreatedAt(step.event().getWallTimeNanos());
        sandbox.forEach(s -> message.setPodSandboxStatus(Replies.sandboxStatus(s)).addAllContainersStatuses(statuses(step.after(), s)));
        return Vector.of(types).map(type -> message.setContainerEventType(type).build());
    }

    private static Vector<io.cairn.proto.cri.ContainerStatus> statuses(State state, Sandbox sandbox) {
        return state.containersOf(sandbox.id()).filter(Container::isVisible).map(c -> Replies.containerStatus(state, c));
    }
}
