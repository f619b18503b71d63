package io.cairn.app;

import io.cairn.core.cri.Listing;
import io.cairn.core.text.EventText;
import io.cairn.proto.cri.Container;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.Image;
import io.cairn.proto.cri.PodSandbox;
import io.cairn.proto.cri.PodSandboxState;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Seq;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** A state as tables with the columns that crictl has, but for its ages: a past moment's ages would mean nothing. */
final class StateText {
    private static final Vector<String> PODS = Vector.of("POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME");
    private static final Vector<String> CONTAINERS = Vector.of("CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD");
    private static final Vector<String> IMAGES = Vector.of("IMAGE", "IMAGE ID", "SIZE");

    private StateText() {}

    static String of(Option<Event> last, Listing listing) {
        String when = last.map(e -> "after event %d, %s".formatted(e.getSequence(), time(e.getWallTimeNanos()))).getOrElse("before the first event");
        return when + "\n\n" + table(PODS, listing.pods().map(StateText::row))
                + "\n" + table(CONTAINERS, listing.containers().map(c -> row(c, listing)))
                + "\n" + table(IMAGES, listing.images().map(StateText::row));
    }

    private static Vector<String> row(PodSandbox pod) {
        return Vector.of(EventText.shortId(pod.getId()), time(pod.getCreatedAt()),
                pod.getState() == PodSandboxState.SANDBOX_READY ? "Ready" : "NotReady", pod.getMetadata().getName(),
                pod.getMetadata().getNamespace(), Integer.toString(pod.getMetadata().getAttempt()),
                pod.getRuntimeHandler().isEmpty() ? "(default)" : pod.getRuntimeHandler());
    }

    private static Vector<String> row(Container container, Listing listing) {
        String pod = listing.pods().find(p -> p.getId().equals(container.getPodSandboxId())).map(p -> p.getMetadata().getName()).getOrElse("");
        return Vector.of(EventText.shortId(container.getId()), EventText.shortId(container.getImage().getImage()),
                time(container.getCreatedAt()), state(container.getState()), container.getMetadata().getName(),
                Integer.toString(container.getMetadata().getAttempt()), EventText.shortId(container.getPodSandboxId()), pod);
    }

    private static Vector<String> row(Image image) {
        String name = image.getRepoTagsCount() > 0 ? image.getRepoTags(0) : image.getRepoDigestsCount() > 0 ? image.getRepoDigests(0) : "";
        return Vector.of(name, EventText.shortId(image.getId()), Long.toString(image.getSize()));
    }

    private static String state(ContainerState state) {
        return switch (state) {
            case CONTAINER_CREATED -> "Created";
            case CONTAINER_RUNNING -> "Running";
            case CONTAINER_EXITED -> "Exited";
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> "Unknown";
        };
    }

    private static String time(long nanos) {
        return ShownTime.of(nanos);
    }

    /** The last column is not filled up, so that no line ends in blanks. */
    private static String table(Vector<String> head, Seq<Vector<String>> rows) {
        Seq<Vector<String>> lines = rows.map(row -> row.map(LogCommand::printable)).prepend(head);
        Vector<Integer> widths = Vector.range(0, head.size()).map(i -> lines.map(line -> line.get(i).length()).max().get());
        return lines.map(line -> line.zip(widths).map(cell -> ("%-" + cell._2() + "s").formatted(cell._1())).mkString("  ").stripTrailing())
                .mkString("", "\n", "\n");
    }
}
