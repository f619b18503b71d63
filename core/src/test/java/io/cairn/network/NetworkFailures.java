package io.cairn.network;

/** The network module makes its exceptions itself; a simulated network has to borrow them. */
public final class NetworkFailures {
    private NetworkFailures() {}

    public static NetworkException pluginFailed(String message) {
        return new NetworkException(NetworkException.Kind.PLUGIN_FAILED, message);
    }
}
