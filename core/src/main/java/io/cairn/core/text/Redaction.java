package io.cairn.core.text;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.KeyValue;
import io.cairn.proto.journal.Event;

/** Environment values must be kept to make a container again, and are nobody else's business: readers see the names only. */
public final class Redaction {
    private static final String HIDDEN = "(hidden)";

    private Redaction() {}

    public static Event of(Event event) {
        if (!event.hasContainerCreateIntended()) {
            return event;
        }
        ContainerConfig.Builder config = event.getContainerCreateIntended().getConfig().toBuilder();
        for (int i = 0; i < config.getEnvsCount(); i++) {
            config.setEnvs(i, KeyValue.newBuilder().setKey(config.getEnvs(i).getKey()).setValue(HIDDEN));
        }
        return event.toBuilder().setContainerCreateIntended(event.getContainerCreateIntended().toBuilder().setConfig(config)).build();
    }
}
