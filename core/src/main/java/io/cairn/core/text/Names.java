package io.cairn.core.text;

import io.cairn.proto.journal.Event;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/**
 * What the ids in events are called, learnt from the events themselves. Immutable.
 *
 * @param pods sandbox id to pod
 * @param containers container id to container
 * @param execs exec id to the id of its container
 */
public record Names(Map<String, Pod> pods, Map<String, Contained> containers, Map<String, String> execs) {
    public static final Names NONE = new Names(HashMap.empty(), HashMap.empty(), HashMap.empty());

    public record Pod(String namespace, String name, String uid) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    public record Contained(String name, String sandboxId) {}

    /** These names and those the event gives. */
    public Names with(Event event) {
        if (event.hasSandboxRunIntended()) {
            var metadata = event.getSandboxRunIntended().getConfig().getMetadata();
            return new Names(pods.put(event.getSandboxRunIntended().getSandboxId(),
                    new Pod(metadata.getNamespace(), metadata.getName(), metadata.getUid())), containers, execs);
        }
        if (event.hasContainerCreateIntended()) {
            var body = event.getContainerCreateIntended();
            return new Names(pods, containers.put(body.getContainerId(),
                    new Contained(body.getConfig().getMetadata().getName(), body.getSandboxId())), execs);
        }
        return event.hasExecIntended()
                ? new Names(pods, containers, execs.put(event.getExecIntended().getExecId(), event.getExecIntended().getContainerId()))
                : this;
    }

    /** Forgets what the event ends, so that the names of a long-lived daemon do not grow for ever. */
    public Names without(Event event) {
        if (event.hasSandboxRemoved()) {
            return new Names(pods.remove(event.getSandboxRemoved().getSandboxId()), containers, execs);
        }
        if (event.hasContainerRemoved()) {
            return new Names(pods, containers.remove(event.getContainerRemoved().getContainerId()), execs);
        }
        if (event.hasExecFinished()) {
            return new Names(pods, containers, execs.remove(event.getExecFinished().getExecId()));
        }
        return event.hasExecFailed() ? new Names(pods, containers, execs.remove(event.getExecFailed().getExecId())) : this;
    }

    public Option<Pod> podOf(String containerId) {
        return containers.get(containerId).flatMap(c -> pods.get(c.sandboxId()));
    }
}
