package io.cairn.core.engine;

/** Stops the daemon at once, without closing anything: to go on would be to go on wrong. */
public interface Halt {
    void now(String reason, Throwable cause);
}
