package io.cairn.core.daemon;

import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.core.text.EventText;
import io.cairn.core.text.Names;
import io.cairn.proto.journal.Event;
import io.vavr.collection.HashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** One line in the daemon's log for every event, with the names of its pod and container. Used by the engine's thread. */
final class EventLogger implements Consumer<Step> {
    private static final Logger LOG = LoggerFactory.getLogger("cairn.events");

    private Names names;

    EventLogger(State replayed) {
        var pods = replayed.sandboxes().mapValues(s -> new Names.Pod(s.key().namespace(), s.key().name(), s.key().uid()));
        var containers = replayed.containers().mapValues(c -> new Names.Contained(c.key().name(), c.sandboxId()));
        this.names = new Names(HashMap.ofEntries(pods), HashMap.ofEntries(containers),
                HashMap.ofEntries(replayed.execs().mapValues(e -> e.containerId())));
    }

    @Override
    public void accept(Step step) {
        Event event = step.event();
        names = names.with(event);
        EventText text = EventText.of(event, names);
        text.sandboxId().flatMap(names.pods()::get).forEach(pod -> MDC.put("pod", pod.toString()));
        text.containerId().flatMap(names.containers()::get).forEach(container -> MDC.put("container", container.name()));
        LOG.info("{} (event {})", text.what(), event.getSequence());
        MDC.clear();
        names = names.without(event);
    }
}
