package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.proto.journal.Failure;

/** What the engine cannot do is refused before anything is made: a container that lacks what its pod asks for would be worse than none. */
final class Unsupported {
    private Unsupported() {}

    /** @param version of the engine. @param what continues "docker 20.10 cannot …" */
    static DriverException by(String version, String tried, String what) {
        return Failures.of(Failure.Kind.UNSUPPORTED, "%s: docker %s cannot %s", tried, version, what);
    }
}
