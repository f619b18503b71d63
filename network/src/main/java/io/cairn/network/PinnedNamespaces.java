package io.cairn.network;

import io.cairn.linux.Namespaces.Kind;
import io.vavr.control.Option;
import java.nio.file.Path;

/** The files that hold a pod's namespaces; none for a kind that the pod shares with the node. */
public record PinnedNamespaces(Option<Path> net, Option<Path> ipc, Option<Path> uts, Option<Path> user) {
    Option<Path> of(Kind kind) {
        return switch (kind) {
            case NET -> net;
            case IPC -> ipc;
            case UTS -> uts;
        };
    }

    boolean satisfies(NamespaceRequest request) {
        return request.kinds().stream().allMatch(k -> of(k).isDefined()) && (request.users().isEmpty() || user.isDefined());
    }
}
