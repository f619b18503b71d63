package io.cairn.core.sim;

/** The runtime stops dead here. An Error, so that no handler of failed effects takes it for one. */
public final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(String where) {
        super(where, null, false, false);
    }
}
