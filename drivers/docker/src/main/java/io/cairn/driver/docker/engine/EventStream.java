package io.cairn.driver.docker.engine;

import com.fasterxml.jackson.databind.MappingIterator;
import com.github.dockerjava.api.model.Event;
import io.cairn.core.driver.DriverException;
import io.vavr.control.Option;
import java.io.IOException;

/** What happens in the engine, as it tells it. One thread reads; any may {@link #close}, at which the reader is told of the end. */
public final class EventStream implements AutoCloseable {
    private final Answer answer;
    private final MappingIterator<Event> events;
    private final EngineFailures failures;
    private volatile boolean closed;

    EventStream(Answer answer, MappingIterator<Event> events, EngineFailures failures) {
        this.answer = answer;
        this.events = events;
        this.failures = failures;
    }

    /**
     * Waits for the next one, for as long as it takes.
     *
     * @return none at the end: the engine has ended, or this was closed
     * @throws DriverException UNAVAILABLE when the connection broke
     */
    public Option<Event> next() throws DriverException {
        try {
            return events.hasNextValue() ? Option.some(events.nextValue()) : Option.none();
        } catch (IOException e) {
            if (closed) {
                return Option.none();
            }
            throw failures.of("hear of events", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        answer.close();
    }
}
