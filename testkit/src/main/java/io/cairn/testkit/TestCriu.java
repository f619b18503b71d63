package io.cairn.testkit;

import java.io.IOException;

/** CRIU as the daemons of tests are told of it: by the system property {@code cairn.criu}, or else the one on the path. */
public final class TestCriu {
    private TestCriu() {}

    /** As the configuration has it. */
    public static String setting() {
        return System.getProperty("cairn.criu", "auto");
    }

    /** Whether it works on this host, as it says itself. */
    public static boolean works() throws InterruptedException {
        try {
            return Tool.run(setting().equals("auto") ? "criu" : setting(), "check").exitCode() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
