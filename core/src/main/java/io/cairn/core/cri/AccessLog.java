package io.cairn.core.cri;

import io.cairn.proto.journal.CallServed;
import io.cairn.proto.journal.Peer;

/** Where calls that changed nothing are recorded. Thread-safe; does not wait for the disk. */
public interface AccessLog {
    void served(CallServed call, String correlationId, Peer peer);
}
