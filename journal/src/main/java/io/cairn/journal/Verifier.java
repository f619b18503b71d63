package io.cairn.journal;

import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Walks the whole chain, over all epochs. Only reads; may run while the journal is appended to.
 *
 * <p>It finds every change to a record that is followed by another one or was synced. It cannot find that the oldest epochs or
 * the newest records were taken away by someone who also rewrote the marks: only a position remembered elsewhere can.
 */
public final class Verifier {
    private Verifier() {}

    public static VerifyReport verify(Path directory) throws JournalFailure {
        return verify(directory, _ -> {});
    }

    /** @param handler is given every good record */
    public static VerifyReport verify(Path directory, RecordHandler handler) throws JournalFailure {
        long records = 0;
        long epochs = 0;
        long epoch = 0;
        Option<Position> oldest = Option.none();
        Option<Position> head = Option.none();
        try (JournalReader reader = JournalReader.open(directory, 1)) {
            for (Option<JournalRecord> next = reader.next(); next.isDefined(); next = reader.next()) {
                JournalRecord record = next.get();
                records++;
                epochs += record.epoch() == epoch ? 0 : 1;
                epoch = record.epoch();
                oldest = oldest.orElse(Option.of(record.position()));
                head = Option.of(record.position());
                handler.accept(record);
            }
            return new VerifyReport(epochs, records, oldest, head, Option.none());
        } catch (JournalDamaged damage) {
            return new VerifyReport(epochs, records, oldest, head, Option.of(damage));
        }
    }
}
