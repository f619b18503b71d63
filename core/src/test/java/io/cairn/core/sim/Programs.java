package io.cairn.core.sim;

/** What containers can be told to do, as the first word of their command. */
public final class Programs {
    /** Runs until it is told to end: 143 on SIGTERM, 137 on SIGKILL. The default. */
    public static final String SLEEP = "sleep";
    /** Ends on SIGKILL only. */
    public static final String STUBBORN = "stubborn";
    /** Has ended with code 3 before its start returns. */
    public static final String EXITS_AT_ONCE = "exits-at-once";
    /** Cannot be made; something of it is left. */
    public static final String CANNOT_BE_MADE = "cannot-be-made";
    /** Cannot be started. */
    public static final String CANNOT_BE_STARTED = "cannot-be-started";
    /** Runs, but its start answers with a time-out. */
    public static final String START_TIMES_OUT = "start-times-out";
    /** Runs like sleep; the first attempt to remove it fails. */
    public static final String STICKS = "sticks";

    private Programs() {}
}
