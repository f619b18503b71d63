package io.cairn.core.projection;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.cairn.core.domain.State;
import io.cairn.core.projection.Subjects.Kind;
import io.cairn.core.projection.Subjects.Subject;
import io.cairn.proto.state.ContainerRow;
import io.cairn.proto.state.ExecRow;
import io.cairn.proto.state.ImageRow;
import io.cairn.proto.state.PullRow;
import io.cairn.proto.state.SandboxRow;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/** The rows of the entities in the database: one each, under the letter of its kind and its id. */
final class EntityRows {
    private EntityRows() {}

    /** The state with what the rows say. */
    static State load(RocksDB db, State before) throws RocksDBException, InvalidProtocolBufferException {
        State state = before;
        for (byte[] row : rows(db, Kind.SANDBOX)) {
            state = state.with(Rows.entity(SandboxRow.parseFrom(row)));
        }
        for (byte[] row : rows(db, Kind.CONTAINER)) {
            state = state.with(Rows.entity(ContainerRow.parseFrom(row)));
        }
        for (byte[] row : rows(db, Kind.IMAGE)) {
            state = state.with(Rows.entity(ImageRow.parseFrom(row)));
        }
        for (byte[] row : rows(db, Kind.EXEC)) {
            state = state.with(Rows.entity(ExecRow.parseFrom(row)));
        }
        for (byte[] row : rows(db, Kind.PULL)) {
            state = state.with(Rows.entity(PullRow.parseFrom(row)));
        }
        return state;
    }

    static void write(WriteBatch batch, Subject subject, State after) throws RocksDBException {
        Option<? extends MessageLite> row = switch (subject.kind()) {
            case SANDBOX -> after.sandbox(subject.id()).map(Rows::row);
            case CONTAINER -> after.container(subject.id()).map(Rows::row);
            case IMAGE -> after.images().get(subject.id()).map(Rows::row);
            case EXEC -> after.execs().get(subject.id()).map(Rows::row);
            case PULL -> after.pulls().get(subject.id()).map(Rows::row);
        };
        byte[] key = (subject.kind().letter() + subject.id()).getBytes(StandardCharsets.UTF_8);
        if (row.isDefined()) {
            batch.put(key, bytes(row.get()));
        } else {
            batch.delete(key);
        }
    }

    private static List<byte[]> rows(RocksDB db, Kind kind) throws RocksDBException {
        var values = new ArrayList<byte[]>();
        try (RocksIterator rows = db.newIterator()) {
            for (rows.seek(new byte[] {(byte) kind.letter()}); rows.isValid() && rows.key()[0] == kind.letter(); rows.next()) {
                values.add(rows.value());
            }
            // An iterator that meets a damaged block looks like one that is at its end.
            rows.status();
        }
        return values;
    }

    /** Map fields have no order on the wire; deterministic serialisation gives them one, within one version of the library. */
    static byte[] bytes(MessageLite message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }
}
