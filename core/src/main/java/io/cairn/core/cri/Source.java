package io.cairn.core.cri;

import io.vavr.collection.Iterator;
import io.vavr.control.Option;

/** Messages for one client, one after the other. Used by one thread; an interrupt ends a wait. */
interface Source<R> extends AutoCloseable {
    /** Waits for the next message; none at the end. */
    Option<R> next() throws InterruptedException;

    @Override
    void close();

    /** What is made as it is asked for, and needs no closing. */
    static <R> Source<R> of(Iterator<R> messages) {
        return new Source<>() {
            @Override
            public Option<R> next() {
                return Option.when(messages.hasNext(), messages::next);
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }
}
