package io.cairn.network;

import io.vavr.control.Option;

/** Why something about a pod's namespaces or network failed; the message says what was tried, on what, and what came back. */
public final class NetworkException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What a caller can tell apart to choose its answer. */
    public enum Kind {
        /** The request itself is wrong; repeating it is of no use. */
        INVALID_REQUEST,
        /** The node has no usable network configuration yet. */
        NOT_CONFIGURED,
        /** A plugin that the configuration names is in none of the plugin directories. */
        PLUGIN_MISSING,
        /** A plugin ended with an error of its own; {@link NetworkException#plugin()} has it. */
        PLUGIN_FAILED,
        /** A plugin was killed at its deadline. */
        PLUGIN_TIMED_OUT,
        /** A plugin answered something that is no CNI result. */
        BAD_RESULT,
        /** The kernel or the file system refused. */
        SYSTEM,
        /** The calling thread was interrupted; everything begun was undone or is still on record for detach. */
        INTERRUPTED
    }

    /**
     * A plugin's own words (CNI spec, section 5 "Error").
     *
     * @param code the error code; none where the plugin died without a structured error
     */
    public record PluginError(String network, String plugin, String command, Option<Integer> code, String message, String details) {}

    private final Kind kind;
    private final transient Option<PluginError> plugin;

    NetworkException(Kind kind, String message) {
        this(kind, message, Option.none(), null);
    }

    NetworkException(Kind kind, String message, Throwable cause) {
        this(kind, message, Option.none(), cause);
    }

    NetworkException(Kind kind, String message, Option<PluginError> plugin, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.plugin = plugin;
    }

    public Kind kind() {
        return kind;
    }

    public Option<PluginError> plugin() {
        return plugin;
    }
}
