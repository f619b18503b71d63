package io.cairn.journal;

import io.vavr.control.Option;

/**
 * What a walk over the whole journal found.
 *
 * @param epochs how many were walked, up to the damage
 * @param records how many are good, up to the damage
 * @param oldest the first record kept
 * @param head the last good record; compare it with one remembered elsewhere to know that the newest records were not cut off
 * @param damage the first bad place
 */
public record VerifyReport(long epochs, long records, Option<Position> oldest, Option<Position> head, Option<JournalDamaged> damage) {
    public boolean good() {
        return damage.isEmpty();
    }
}
