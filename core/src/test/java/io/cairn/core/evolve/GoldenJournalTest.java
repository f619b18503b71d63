package io.cairn.core.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Journals that earlier versions wrote, and the states they mean: they must mean the same for ever. A golden file is never changed;
 * a new version of the schema adds one ({@code GoldenJournal} writes it).
 */
class GoldenJournalTest {
    static Stream<String> journals() throws Exception {
        Path directory = Path.of(GoldenJournalTest.class.getResource("/golden").toURI());
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".events")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("journals")
    void anOldJournalMeansWhatItMeantWhenItWasWritten(String journal) throws Exception {
        State state = State.EMPTY;
        for (Event event : events(journal)) {
            assertThat(event.getUnknownFields().asMap()).isEmpty();
            state = Evolver.evolve(state, event);
        }
        String expected = new String(resource(journal.replace(".events", ".state")).readAllBytes(), StandardCharsets.UTF_8);
        assertThat(GoldenJournal.text(state)).isEqualTo(expected);
    }

    @Test
    void everyKindOfEventIsInSomeGoldenJournal() throws Exception {
        var kinds = EnumSet.noneOf(Event.BodyCase.class);
        for (String journal : journals().toList()) {
            events(journal).forEach(event -> kinds.add(event.getBodyCase()));
        }
        assertThat(kinds).isEqualTo(EnumSet.complementOf(EnumSet.of(Event.BodyCase.BODY_NOT_SET)));
    }

    @Test
    void everyEventIsWrittenAgainByteForByte() throws Exception {
        for (String journal : journals().toList()) {
            var written = new java.io.ByteArrayOutputStream();
            for (Event event : events(journal)) {
                event.writeDelimitedTo(written);
            }
            assertThat(written.toByteArray()).isEqualTo(resource(journal).readAllBytes());
        }
    }

    private static List<Event> events(String journal) throws Exception {
        var events = new ArrayList<Event>();
        try (var in = new BufferedInputStream(resource(journal))) {
            for (Event event = Event.parseDelimitedFrom(in); event != null; event = Event.parseDelimitedFrom(in)) {
                events.add(event);
            }
        }
        return events;
    }

    private static InputStream resource(String name) {
        return GoldenJournalTest.class.getResourceAsStream("/golden/" + name);
    }
}
