package io.cairn.driver.runc;

import java.util.concurrent.TimeUnit;

/** The CRIU of this host: that of the property {@code cairn.criu}, or the one on the path. Where none works, that is what is tested. */
final class TestCriu {
    private TestCriu() {}

    static String setting() {
        return System.getProperty("cairn.criu", "auto");
    }

    static boolean works() throws Exception {
        String program = setting().equals("auto") ? "criu" : setting();
        try {
            Process check = new ProcessBuilder(program, "check").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return check.waitFor(30, TimeUnit.SECONDS) && check.exitValue() == 0;
        } catch (java.io.IOException e) {
            return false;
        }
    }
}
