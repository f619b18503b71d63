package io.cairn.crash.points;

/** The end of a runtime at one of its points. An error, so that nothing that handles failures handles it. */
public final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(String where) {
        super("dead at " + where, null, false, false);
    }
}
