package io.cairn.testkit;

import java.io.IOException;
import java.util.List;

/** runc under conmon: programs, with no daemon that would have to be there. */
final class RuncUnderTest implements DriverUnderTest {
    @Override
    public String name() {
        return "runc";
    }

    @Override
    public String configuration(TestNode node) {
        return """
                [drivers.runc]
                criu = "%s"
                """.formatted(TestCriu.setting());
    }

    @Override
    public boolean canCheckpoint() {
        return true;
    }

    @Override
    public void begin(TestNode node) {
        // Nothing has to run.
    }

    @Override
    public void end(TestNode node) {
        // Nothing runs that is no pod's.
    }

    @Override
    public boolean isBackend(String command) {
        return false;
    }

    @Override
    public boolean isMonitor(String command) {
        return command.contains("conmon");
    }

    /** Each OCI runtime has a directory of its own below the root. */
    @Override
    public List<String> containers(TestNode node) throws IOException {
        return HostView.filesBelow(node.runDir().resolve("runc")).stream().filter(f -> f.getFileName().toString().equals("state.json"))
                .map(f -> f.getParent().getFileName().toString()).toList();
    }

    @Override
    public String absentRuntime() {
        return "/nowhere/runc";
    }
}
