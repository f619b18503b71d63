package io.cairn.core.driver;

/**
 * One thing that a driver's backend needs of the host, or tells of itself.
 *
 * @param good false when pods could not run because of it
 * @param detail what was found; where it is not good, also what to do
 */
public record Finding(boolean good, String subject, String detail) {
    public static Finding good(String subject, String detail) {
        return new Finding(true, subject, detail);
    }

    public static Finding bad(String subject, String detail) {
        return new Finding(false, subject, detail);
    }
}
