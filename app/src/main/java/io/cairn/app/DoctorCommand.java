package io.cairn.app;

import io.cairn.app.config.CairnConfig;
import io.cairn.core.daemon.DriverLoader;
import io.cairn.core.daemon.StartException;
import io.cairn.core.driver.Finding;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.io.IOException;

/** {@code cairn doctor}: whether this host has what the configured drivers need. Makes nothing; the daemon may run or not. */
final class DoctorCommand implements Command {
    @Override
    public String words() {
        return "doctor";
    }

    @Override
    public String description() {
        return "Look whether this host has what the configured drivers need.";
    }

    @Override
    public Vector<String> exitCodes() {
        return Vector.of("0  all is there", Cairn.PROBLEM + "  something is missing, or could not be looked at");
    }

    @Override
    public int run(Invocation invocation) throws CommandFailure {
        CairnConfig config = invocation.load().config();
        try {
            Map<String, Vector<Finding>> findings = DriverLoader.examine(DaemonConfig.daemon(config));
            findings.forEach((driver, found) -> found.forEach(finding -> invocation.out().printf("%-4s %s: %s: %s%n",
                    finding.good() ? "ok" : "BAD", driver, finding.subject(), LogCommand.printable(finding.detail()))));
            return findings.values().exists(found -> found.exists(finding -> !finding.good())) ? Cairn.PROBLEM : 0;
        } catch (StartException | IOException e) {
            throw new CommandFailure(e.getMessage());
        }
    }
}
