package io.cairn.crash.points;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.crash.points.Ledger.Pair;
import io.cairn.crash.points.Moments.Moment;
import io.cairn.crash.points.Points.Point;
import io.cairn.crash.points.Suite.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An interrupted suite goes on where it was, and with other code it begins anew. */
final class LedgerTest {
    private static final Target FIRST = new Target(2, new Point("A.b → write #2", 3));
    private static final Target OTHER = new Target(0, new Point("lambda (of C) → delete", 1));
    private static final Point SECOND = new Point("Engine.append → append", 2);
    private static final List<Moment> MOMENTS = List.of(new Moment(new Point("D.e → move", 1), 0, Optional.of("alike")),
            new Moment(SECOND, 1, Optional.empty()));

    @TempDir
    private Path dir;

    private Ledger ledger(String build) throws Exception {
        return Ledger.of(dir.resolve("ledger"), build);
    }

    @Test
    void whatWasWellIsKnownAgain() throws Exception {
        Ledger before = ledger("build");
        before.note(FIRST, MOMENTS);
        before.note(new Pair(FIRST, SECOND));
        Ledger after = ledger("build");
        assertThat(after.recoveries()).isEqualTo(Map.of(FIRST, MOMENTS));
        assertThat(after.has(FIRST, Optional.empty())).isTrue();
        assertThat(after.has(FIRST, Optional.of(SECOND))).isTrue();
        assertThat(after.has(FIRST, Optional.of(OTHER.point()))).isFalse();
        assertThat(after.has(OTHER, Optional.empty())).isFalse();
    }

    @Test
    void ofOtherCodeNothingIsKnown() throws Exception {
        ledger("build").note(FIRST, MOMENTS);
        assertThat(ledger("other build").recoveries()).isEmpty();
        assertThat(ledger("build").recoveries()).isEmpty();
    }

    @Test
    void aLineThatWasCutOffIsNoLine() throws Exception {
        Ledger before = ledger("build");
        before.note(FIRST, MOMENTS);
        String whole = Files.readString(dir.resolve("ledger"));
        before.note(OTHER, MOMENTS);
        String line = Files.readString(dir.resolve("ledger")).substring(whole.length());
        for (int length = 0; length < line.length(); length++) {
            Files.writeString(dir.resolve("ledger"), whole + line.substring(0, length), StandardOpenOption.TRUNCATE_EXISTING);
            Ledger after = ledger("build");
            assertThat(after.recoveries()).containsOnlyKeys(FIRST);
            after.note(OTHER, MOMENTS);
            assertThat(ledger("build").recoveries()).containsOnlyKeys(FIRST, OTHER);
        }
    }
}
