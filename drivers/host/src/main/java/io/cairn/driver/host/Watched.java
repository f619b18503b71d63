package io.cairn.driver.host;

import io.cairn.core.driver.ExitReport;
import io.vavr.control.Option;
import java.io.IOException;

/** A container under watch, as the last look found it. Immutable; seen by the watching thread only. */
public interface Watched {
    /** Its process, as its files have it. */
    StartRecord started();

    /** Whether its process lived at the last look; before the first one it counts as alive. */
    boolean isAlive();

    /** Looks at it. Must be quick: all watched containers are looked at by one thread, every second. */
    Look look() throws IOException;

    /** What a look has found. */
    sealed interface Look {
        /** It has ended, and is looked at no more. */
        record Ended(ExitReport report) implements Look {}

        /** It is to be looked at again. */
        record Goes(Watched as) implements Look {}
    }

    /** Finds what is to be watched. */
    @FunctionalInterface
    interface Finder {
        /** @return none where no process was ever let go */
        Option<Watched> find(String containerId) throws IOException;
    }
}
