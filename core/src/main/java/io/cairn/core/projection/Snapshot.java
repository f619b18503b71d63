package io.cairn.core.projection;

import com.google.protobuf.ByteString;
import io.cairn.proto.journal.SnapshotTaken;
import java.nio.file.Path;

/**
 * A copy of the projection on stable storage. Whether it is what was once taken, only the journal can tell.
 *
 * @param directory it lies in
 * @param appliedSequence the last event it holds
 * @param head hash of that event's frame
 * @param sum of its rows
 * @param bytes of its files
 */
public record Snapshot(Path directory, long appliedSequence, ByteString head, RowSum sum, long bytes) {
    public SnapshotTaken event() {
        return SnapshotTaken.newBuilder().setAppliedSequence(appliedSequence).setHead(head).setRowsHash(ByteString.copyFrom(sum.hash()))
                .setRows(sum.count()).setSizeBytes(bytes).build();
    }

    /** Whether the event speaks of this very copy. */
    public boolean is(SnapshotTaken taken) {
        return taken.getAppliedSequence() == appliedSequence && taken.getHead().equals(head)
                && taken.getRowsHash().equals(ByteString.copyFrom(sum.hash()));
    }
}
