package io.cairn.core.driver;

/** Whether a backend can be used now. The reason is one CamelCase word for the CRI condition, the message is for people. */
public record Health(boolean ready, String reason, String message) {
    public static final Health READY = new Health(true, "", "");

    public static Health notReady(String reason, String message) {
        return new Health(false, reason, message);
    }
}
