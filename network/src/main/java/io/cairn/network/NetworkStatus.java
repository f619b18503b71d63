package io.cairn.network;

import io.vavr.collection.List;

/** What the runtime answers as the CRI condition NetworkReady. */
public sealed interface NetworkStatus {
    /**
     * @param source file the network was read from
     * @param notes what was passed over on the way: files with errors that another file made up for
     */
    record Ready(String network, String cniVersion, List<String> plugins, String source, List<String> notes) implements NetworkStatus {}

    record NotReady(String reason) implements NetworkStatus {}
}
