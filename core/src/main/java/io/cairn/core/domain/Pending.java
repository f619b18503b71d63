package io.cairn.core.domain;

/**
 * An intent whose outcome is not known yet.
 *
 * @param intent sequence of the intent's event
 * @param kind what is being tried
 */
public record Pending(long intent, Kind kind) {
    /** What can be under way. After a crash, {@code recovery.InDoubt} names for each how the doubt is settled. */
    public enum Kind {
        SANDBOX_RUN,
        SANDBOX_STOP,
        SANDBOX_REMOVE,
        CONTAINER_CREATE,
        CONTAINER_START,
        CONTAINER_STOP,
        CONTAINER_REMOVE,
        CONTAINER_UPDATE,
        CONTAINER_CHECKPOINT,
        IMAGE_REMOVE
    }
}
